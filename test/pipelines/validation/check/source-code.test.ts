/** What is code and what is a comment or a string, per language. */
import { strict as assert } from 'node:assert';
import { type CodeLanguage, closeOf, codeOf, lineAt } from '../../../../src/pipelines/validation/check/source-code.ts';

describe('code without comments and strings', () => {
  const rows: readonly [CodeLanguage, string, string][] = [
    ['python', 'a # word\nb', 'a       \nb'],
    ['python', 'a = "word # b" + c', 'a =            + c'],
    ['python', '"""word\n\'x\' """\nb', '       \n       \nb'],
    ['python', String.raw`r'\' word' b`, 'r          b'],
    ['python', "'open\nword", '     \nword'],
    ['rust', 'a // word\nb', 'a        \nb'],
    ['rust', 'a /* x /* word */ y */ b', 'a                      b'],
    ['rust', 'a /* one */ b /* two */', 'a           b          '],
    ['rust', 'r#"word "x" "# b', '               b'],
    ['rust', `"a\\"word" b`, '          b'],
    [
      'rust',
      `fn f<'a>(x: &'a str, c: char) { c == '"' || c == '\\'' }`,
      `fn f<'a>(x: &'a str, c: char) { c ==     || c ==      }`,
    ],
    ['go', 'a := `word\nx` + b // word', 'a :=      \n   + b        '],
    ['go', `c == '"' && "word" == d`, `c ==     &&        == d`],
    ['go', 'a /* word\n*/ b', 'a        \n   b'],
  ];
  for (const [language, text, code] of rows) {
    it(`${language}: ${JSON.stringify(text)}`, () => {
      assert.equal(codeOf(text, language), code);
      assert.equal(codeOf(text, language).length, text.length);
    });
  }

  it('reads two megabytes that are one comment', () => {
    const text = `/* ${'word '.repeat(400_000)}`;
    assert.equal(codeOf(text, 'rust').trim(), '');
    assert.equal(codeOf(text, 'go').trim(), '');
    assert.equal(codeOf(`"""${'word '.repeat(400_000)}`, 'python').trim(), '');
  });

  it('knows lines and brackets', () => {
    assert.deepEqual(
      [0, 1, 2, 3].map((offset) => lineAt('a\nb\n', offset)),
      [1, 1, 2, 2],
    );
    assert.equal(closeOf('x{(a)[{}]}y', 1), 10);
    assert.equal(closeOf('{ open', 0), 6);
  });
});
