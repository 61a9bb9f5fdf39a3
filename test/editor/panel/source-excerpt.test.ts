import assert from 'node:assert/strict';
import { excerptFunction } from '../../../src/editor/panel/source-excerpt.ts';
import type { LineTimes } from '../../../src/protocol/panel/stack-view.ts';

const costAt = (...lines: readonly number[]): readonly LineTimes[] =>
  lines.map((line) => ({ line, samples: 1, selfNs: 1, totalNs: 1 }));

function numbersOf(text: string, firstLine: number, costs: readonly LineTimes[] = []): readonly number[] {
  return excerptFunction(text.split('\n'), firstLine, costs).map(({ line }) => line);
}

const file = `import fs from 'node:fs';

function rank(
  found,
  limit,
) {
  const sorted = found.sort((a, b) => {

    return b - a;
  });
  return sorted;
}

function next() {}
`;

const python = `class Catalog:
    def rank(self, found):
        total = 0

        for item in found:
            total += item
        return total

    def other(self):
        pass
`;

describe('the excerpt of a function', () => {
  const rows: readonly (readonly [title: string, text: string, firstLine: number, expected: readonly number[]])[] = [
    ['ends at its closing bracket, also if its parameters have lines', file, 3, [3, 4, 5, 6, 7, 8, 9, 10, 11, 12]],
    ['of a callback ends with the callback', file, 7, [7, 8, 9, 10]],
    ['of one line is that line', file, 14, [14]],
    ['of Python ends before the next line that is not indented', python, 2, [2, 3, 4, 5, 6, 7]],
    ['at the end of a file ends there', 'a\n  b', 1, [1, 2]],
    ['is empty for a line that the file does not have', file, 99, []],
    ['is empty for a line before the first', file, 0, []],
  ];
  for (const [title, text, firstLine, expected] of rows)
    it(title, () => assert.deepEqual(numbersOf(text, firstLine), expected));

  it('reaches to its last line with a cost', () => {
    assert.deepEqual(numbersOf('a();\nb();\nc();\n', 1, costAt(3)), [1, 2, 3]);
  });

  it('has only the lines with a cost and those around them if it is long', () => {
    const long = ['function f() {', ...Array.from({ length: 200 }, (_, index) => `  g(${index});`), '}'].join('\n');
    assert.deepEqual(numbersOf(long, 1, costAt(90, 150)), [1, 2, 89, 90, 91, 149, 150, 151]);
    assert.equal(numbersOf(long, 1).length, 80);
    const everywhere = costAt(...Array.from({ length: 201 }, (_, index) => index + 1));
    assert.equal(numbersOf(long, 1, everywhere).length, 200);
  });

  it('has no longer lines than a screen can show', () => {
    const [line] = excerptFunction(['x'.repeat(100_000)], 1, []);
    assert.equal(line?.text.length, 240);
  });
});
