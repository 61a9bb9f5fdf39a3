import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import {
  type Edit,
  findBodyEnd,
  findNearestLine,
  indentOf,
  shiftLine,
} from '../../../src/editor/lens/line-tracking.ts';

const before = ['first', 'second', '  third', 'fourth', 'fifth'];

interface Case {
  readonly what: string;
  readonly edit: Edit;
  readonly line: number;
  readonly to: number | undefined;
}

const cases: readonly Case[] = [
  { what: 'a line added above', edit: edit(0, 0, 0, 0, 'new\n'), line: 2, to: 3 },
  { what: 'three lines added above', edit: edit(0, 5, 0, 5, '\na\nb\nc'), line: 2, to: 5 },
  { what: 'a line added below', edit: edit(3, 0, 3, 0, 'new\n'), line: 2, to: 2 },
  { what: 'Enter at the start of the line', edit: edit(2, 0, 2, 0, '\n'), line: 2, to: 3 },
  { what: 'Enter before the first word', edit: edit(2, 2, 2, 2, '\n  '), line: 2, to: 3 },
  { what: 'Enter within the line', edit: edit(2, 4, 2, 4, '\n'), line: 2, to: 2 },
  { what: 'a word typed in the line', edit: edit(2, 4, 2, 4, 'x'), line: 2, to: 2 },
  { what: 'two lines removed above', edit: edit(0, 0, 2, 0, ''), line: 2, to: 0 },
  { what: 'the line before joined to this one', edit: edit(1, 6, 2, 2, ' '), line: 2, to: 1 },
  { what: 'the line removed with its neighbors', edit: edit(1, 3, 3, 2, ''), line: 2, to: undefined },
  { what: 'a replacement above of the same height', edit: edit(0, 0, 1, 6, 'x\ny'), line: 2, to: 2 },
  { what: 'lines removed below', edit: edit(3, 0, 4, 5, ''), line: 2, to: 2 },
];

describe('line tracking', () => {
  for (const { what, edit: change, line, to } of cases) {
    it(`${to === undefined ? 'loses a declaration' : `moves a declaration to line ${to}`} after ${what}`, () => {
      assert.equal(shiftLine(line, indentOf(before[line] ?? ''), change), to);
    });
  }

  it('finds the declaration after any edit that does not touch it', () => {
    const position = fc.record({ line: fc.nat(4), character: fc.nat(8) });
    let tried = 0;
    fc.assert(
      fc.property(position, position, fc.constantFrom('', 'x', '\n', 'a\nb', '\n\n\n'), (a, b, text) => {
        const [start, end] = offsetOf(a) <= offsetOf(b) ? [a, b] : [b, a];
        const from = offsetOf(start);
        const to = offsetOf(end);
        const joined = before.join('\n');
        const index = joined.indexOf('third');
        if (from < index + 'third'.length && to > index) return;
        tried++;
        const after = (joined.slice(0, from) + text + joined.slice(to)).split('\n');
        const first = positionOf(from);
        const last = positionOf(to);
        const change = edit(first.line, first.character, last.line, last.character, text);
        assert.equal(
          shiftLine(2, 2, change),
          after.findIndex((line) => line.includes('third')),
        );
      }),
      { numRuns: 500 },
    );
    assert.ok(tried > 100);
  });

  it('finds the end of a body with and without braces', () => {
    const braces = ['function a() {', '  if (b) {', '', '    c();', '  }', '}', 'function d() {}'];
    assert.equal(findBodyEnd(braces, 0), 5);
    assert.equal(findBodyEnd(braces, 1), 4);
    assert.equal(findBodyEnd(braces, 6), 6);
    const python = [
      'class A:',
      '    def b(self):',
      '        return 1',
      '',
      '    def c(self):',
      '        return 2',
      'd = 3',
    ];
    assert.equal(findBodyEnd(python, 0), 5);
    assert.equal(findBodyEnd(python, 1), 2);
  });

  it('finds the nearest line with a text', () => {
    const lines = ['  run() {', '}', '', '  run() {', '}'];
    assert.equal(findNearestLine(lines, 'run() {', 4), 3);
    assert.equal(findNearestLine(lines, 'run() {', 0), 0);
    assert.equal(findNearestLine(lines, 'walk() {', 0), undefined);
  });
});

function edit(startLine: number, startCharacter: number, endLine: number, endCharacter: number, text: string): Edit {
  return { startLine, startCharacter, endLine, endCharacter, text };
}

function offsetOf({ line, character }: { readonly line: number; readonly character: number }): number {
  const start = before.slice(0, line).reduce((sum, text) => sum + text.length + 1, 0);
  return start + Math.min(character, before[line]?.length ?? 0);
}

function positionOf(offset: number): { readonly line: number; readonly character: number } {
  const above = before.join('\n').slice(0, offset).split('\n');
  return { line: above.length - 1, character: above.at(-1)?.length ?? 0 };
}
