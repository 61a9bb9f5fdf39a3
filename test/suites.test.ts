/** Checks that every test file belongs to exactly one suite of `npm test`. */
import { strict as assert } from 'node:assert';
import { globSync, readFileSync } from 'node:fs';
import { join, matchesGlob } from 'node:path';

const root = join(import.meta.dirname, '..');

interface Suite {
  readonly spec: readonly string[];
  readonly ignore?: readonly string[];
}

const suites = [
  '.mocharc.json',
  'test/fixtures/pipelines.mocharc.json',
  'test/fixtures/programs.mocharc.json',
  'test/fixtures/solo.mocharc.json',
  'test/webview/mocharc.json',
].map((file) => JSON.parse(readFileSync(join(root, file), 'utf8')) as Suite);

/** Returns how often a suite runs a file. In parallel mode, mocha runs a file once for each pattern that matches it. */
function runsOf({ spec, ignore = [] }: Suite, file: string): number {
  if (ignore.some((glob) => matchesGlob(file, glob))) return 0;
  return spec.filter((glob) => matchesGlob(file, glob)).length;
}

describe('the test suites', () => {
  const files = globSync('test/**/*.test.ts', { cwd: root }).filter(
    (file) => !file.startsWith('test/workbench/') && !file.includes('node_modules'),
  );

  it('consist of files that exist', () => {
    assert.ok(files.length > 60, `${files.length}`);
    for (const { spec } of suites) for (const glob of spec) assert.ok(globSync(glob, { cwd: root }).length > 0, glob);
  });

  for (const file of files) {
    it(`run ${file} exactly once`, () => {
      assert.equal(
        suites.reduce((sum, suite) => sum + runsOf(suite, file), 0),
        1,
      );
    });
  }
});
