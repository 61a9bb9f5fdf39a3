import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { wordsOf } from '../../../src/node/command/parse-command.ts';

const posix = (text: string): readonly string[] => wordsOf(text, false);

/** What a real shell makes of a line. */
function shell(text: string): string[] {
  const script = `set -- ${text}\nfor word do printf '%s\\0' "$word"; done`;
  return execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1);
}

const lines = [
  'node main.js',
  '  a\t\'b c\'  "d e" ',
  `a"b"'c'd`,
  `a '' ""`,
  'a\\ b \\"c',
  `"a\\"b\\\\c\\d"`,
  `'a$b|c>d*'`,
  '"a|b;c*d(e)"',
  'a~b a#b --x=1 A=b',
  'a=b/c.js é “x”',
];

describe('words of a command', () => {
  for (const line of lines.slice(0, -1)) {
    it(`are those of a shell: ${line}`, () => assert.deepEqual(posix(line), shell(line)));
  }

  it('are those of a shell for any plain and quoted text', () => {
    const part = fc.constantFrom('a', 'b-c', ' ', '  ', "'d e'", '"f g"', '\\ ', '""', "'\"'", '"\\""', '/x.js');
    const line = fc.array(part, { maxLength: 8 }).map((parts) => `run ${parts.join('')}`);
    fc.assert(
      fc.property(line, (text) => assert.deepEqual(posix(text), shell(text))),
      { numRuns: 60 },
    );
  });

  const refused: readonly [string, RegExp][] = [
    ['', /no command/],
    ['  ', /no command/],
    ["''", /no command/],
    ['a | b', /“\|” would join or redirect/],
    ['a && b', /“&”/],
    ['a; b', /“;”/],
    ['a > b', /“>”/],
    ['a $HOME', /“\$” would be replaced by a value/],
    ['a "$HOME"', /Put it in single quotes/],
    ['a "`b`"', /Put it in single quotes/],
    ['a $(b)', /“\$”/],
    ['a `b`', /“`”/],
    ['a *.js', /“\*” would be replaced by names of files/],
    ['a ~/b', /“~” has a meaning/],
    ['a # b', /“#” has a meaning/],
    ["a 'b", /not closed/],
    ['a "b', /not closed/],
    ['A=1 b', /would set a variable/],
  ];
  for (const [line, says] of refused) {
    it(`are refused where only a shell could do it: ${line}`, () => {
      assert.throws(() => posix(line), { name: 'HumanError', message: says });
    });
  }

  it('keep the backslashes of a path on Windows', () => {
    assert.deepEqual(wordsOf('C:\\a\\b.exe "C:\\c d\\e"', true), ['C:\\a\\b.exe', 'C:\\c d\\e']);
  });
});
