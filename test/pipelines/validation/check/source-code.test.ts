import { strict as assert } from 'node:assert';
import {
  blankNonCode,
  type CodeLanguage,
  closingBracketEnd,
  lineAt,
} from '../../../../src/pipelines/validation/check/source-code.ts';

describe('source code', () => {
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
    it(`blanks the comments and strings of the ${language} text ${JSON.stringify(text)}`, () => {
      assert.equal(blankNonCode(text, language), code);
      assert.equal(blankNonCode(text, language).length, text.length);
    });
  }

  it('blanks a comment of two megabytes', () => {
    const text = `/* ${'word '.repeat(400_000)}`;
    assert.equal(blankNonCode(text, 'rust').trim(), '');
    assert.equal(blankNonCode(text, 'go').trim(), '');
    assert.equal(blankNonCode(`"""${'word '.repeat(400_000)}`, 'python').trim(), '');
  });

  it('finds lines and closing brackets', () => {
    assert.deepEqual(
      [0, 1, 2, 3].map((offset) => lineAt('a\nb\n', offset)),
      [1, 1, 2, 2],
    );
    assert.equal(closingBracketEnd('x{(a)[{}]}y', 1), 10);
    assert.equal(closingBracketEnd('{ open', 0), 6);
  });
});
