import { strict as assert } from 'node:assert';
import { isDocumentedExample } from '../../../../../src/pipelines/validation/checks/safety/secrets/documented-examples.ts';

/** Returns the answer for the place of the word KEY. */
function isExample(text: string): boolean {
  const start = text.indexOf('KEY');
  assert.ok(start >= 0);
  return isDocumentedExample(text, start);
}

const far = 'text\n'.repeat(1000);

describe('isDocumentedExample', () => {
  const rows: readonly (readonly [place: string, text: string, expected: boolean])[] = [
    ['below the heading of an example', '# Tool\n\n## Examples\n\nKEY\n', true],
    ['there, followed by a long text', `## Examples\n\nKEY\n${far}`, true],
    ['below another heading', '## Examples\n\ntext\n\n## Settings\n\nKEY\n', false],
    ['far below the heading', `## Examples\n${far}KEY\n`, false],
    ['without a heading', 'An example: KEY\n', false],
    ['after the tag in the same comment', '/**\n * @example\n * KEY\n */\n', true],
    ['in a comment with the tag in an earlier one', '/**\n * @example\n */\nconst a = 1;\n/// KEY\n', false],
    ['in code below a comment with the tag', '/**\n * @example\n */\nconst a = "KEY";\n', false],
  ];
  for (const [place, text, expected] of rows) {
    it(`is ${expected} ${place}`, () => assert.equal(isExample(text), expected));
  }
});
