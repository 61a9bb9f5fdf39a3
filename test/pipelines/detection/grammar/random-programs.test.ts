// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the templates of programs contain templates
/** Compares random nestings of expressions with TypeScript's parser. */
import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { describeDifferences } from './describe-differences.ts';

/** Templates of expressions; each `@` stands for an inner expression. */
const scriptTemplates = [
  '@(@)',
  '@.b(@)',
  '(@)',
  '(@, @)',
  '[@, ...@]',
  '{ a: @, [@]: @ }',
  '@[@]',
  '@ ? @ : @',
  '@ + @',
  '@ < @',
  // In parentheses, because ECMAScript forbids a mixture of both. TypeScript's parser accepts it, but not the compiler.
  '((@) && (@))',
  '((@) ?? (@))',
  'await @',
  'await (@)',
  'new A(@)',
  'new (@)()',
  'new a.B',
  '@`x${@}y`',
  'async () => @',
  'async (a) => @',
  'async (a) => { x = @; }',
  '!@',
  'typeof @',
  'async function () { x = @; }',
  'class { async [@]() { x = @; } }',
  '@?.c(@)',
  '@?.[@]',
  'import(@)',
  'f(@)',
  'this.d(@)',
  'super_(@)',
  'a = @',
  '`${@}`',
  'void @',
];
const typeTemplates = [
  // A `!` after a construction without arguments is part of it for the grammar.
  ...scriptTemplates.filter((template) => template !== 'new a.B'),
  '@ as T',
  '(@ as T)',
  '@!',
  '(@)!',
  'f<A>(@)',
  '@.b<A, B<C>>(@)',
  'f<typeof import("m")>(@)',
  'g<A>`x${@}`',
  '(@ satisfies T)',
  'new A<B>(@)',
  '(@ as import("m").T<U>)',
  'async <T,>(a: T): Promise<T> => @',
  'async (a: A, b?: B): Promise<C> => @',
  'f<{ a: B }>(@)',
  'h<() => A>(@)',
  'class<T> extends A<B> { private async a(): C { x = @; } }',
];
const leaves = ['a', 'b.c', 'f()', '1', '"s"', 'x.y()'];

function createExpressions(templates: readonly string[]): fc.Arbitrary<string> {
  return fc.letrec<{ expression: string }>((tie) => ({
    expression: fc.oneof(
      { maxDepth: 4, depthSize: 'small' },
      fc.constantFrom(...leaves),
      fc
        .constantFrom(...templates)
        .chain((template) =>
          fc
            .tuple(...Array.from({ length: template.split('@').length - 1 }, () => tie('expression')))
            .map((parts) =>
              template.split('@').reduce((text, after, index) => `${text}${parts[index - 1] ?? ''}${after}`),
            ),
        ),
    ),
  })).expression;
}

describe('random programs', function () {
  this.timeout(120_000);
  const cases = [
    { file: 'random.js', templates: scriptTemplates },
    { file: 'random.ts', templates: typeTemplates },
    { file: 'random.tsx', templates: typeTemplates },
  ];
  for (const { file, templates } of cases) {
    it(`have the calls that TypeScript finds in ${file}`, async () => {
      let accepted = 0;
      const statements = fc.array(createExpressions(templates), { minLength: 1, maxLength: 4 });
      await fc.assert(
        fc.asyncProperty(statements, async (expressions) => {
          const source = `export async function main() {\n${expressions.map((text) => `  x = ${text};\n`).join('')}}\n`;
          const differences = await describeDifferences(file, source);
          if (!differences) return;
          accepted++;
          assert.deepEqual(differences, [], source);
        }),
        { numRuns: Number(process.env['PIPESCOPE_RANDOM_RUNS'] ?? 300) },
      );
      assert.ok(accepted > 100, `the reference accepted only ${accepted} programs`);
    });
  }
});
