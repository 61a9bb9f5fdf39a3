import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { parseCommand } from '../../../src/node/command/parse-command.ts';

const parsePosix = (text: string): readonly string[] => parseCommand(text, false);

/** Splits a line with a real shell. */
function splitInShell(text: string): string[] {
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

describe('parseCommand', () => {
  for (const line of lines.slice(0, -1)) {
    it(`splits like a shell: ${line}`, () => assert.deepEqual(parsePosix(line), splitInShell(line)));
  }

  it('splits any plain and quoted text like a shell', () => {
    const part = fc.constantFrom('a', 'b-c', ' ', '  ', "'d e'", '"f g"', '\\ ', '""', "'\"'", '"\\""', '/x.js');
    const line = fc.array(part, { maxLength: 8 }).map((parts) => `run ${parts.join('')}`);
    fc.assert(
      fc.property(line, (text) => assert.deepEqual(parsePosix(text), splitInShell(text))),
      { numRuns: 60 },
    );
  });

  const rejected: readonly [string, RegExp][] = [
    ['', /No command/],
    ['  ', /No command/],
    ["''", /No command/],
    ['a | b', /“\|” combines or redirects/],
    ['a && b', /“&”/],
    ['a; b', /“;”/],
    ['a > b', /“>”/],
    ['a $HOME', /“\$” is replaced by a value/],
    ['a "$HOME"', /Use single quotes/],
    ['a "`b`"', /Use single quotes/],
    ['a $(b)', /“\$”/],
    ['a `b`', /“`”/],
    ['a *.js', /“\*” is replaced by file names/],
    ['a ~/b', /“~” has a special meaning/],
    ['a # b', /“#” has a special meaning/],
    ["a 'b", /Missing closing quote/],
    ['a "b', /Missing closing quote/],
    ['A=1 b', /sets a variable/],
  ];
  for (const [line, message] of rejected) {
    it(`rejects a line that is empty or needs a shell: ${line}`, () => {
      assert.throws(() => parsePosix(line), { name: 'HumanError', message });
    });
  }

  it('keeps the backslashes of a path on Windows', () => {
    assert.deepEqual(parseCommand('C:\\a\\b.exe "C:\\c d\\e"', true), ['C:\\a\\b.exe', 'C:\\c d\\e']);
  });
});
