import { strict as assert } from 'node:assert';
import type { FileLines } from '../../../src/core/stacks/file-lines.ts';
import { linesOfFile } from '../../../src/core/stacks/file-lines.ts';
import { lineHeats } from '../../../src/editor/lens/line-heat.ts';
import type { Edit } from '../../../src/editor/lens/line-tracking.ts';

describe('the heat of lines', () => {
  const lines: FileLines = {
    lines: [
      { line: 3, samples: 40, selfNs: 40e6, totalNs: 40e6 },
      { line: 5, samples: 50, selfNs: 10e6, totalNs: 50e6 },
      { line: 6, samples: 9, selfNs: 0, totalNs: 9e6 },
      { line: 8, samples: 1, selfNs: 0.05e6, totalNs: 1e6 },
    ],
    totalNs: 100e6,
    source: 'ticks',
  };

  it('is that of lines with a share of their own, counted from 0', () => {
    const [first, second, ...others] = lineHeats(lines);
    assert.equal(others.length, 0);
    assert.deepEqual([first?.line, first?.heat], [2, Math.sqrt(0.4)]);
    assert.equal(
      first?.text,
      '~40 % of CPU time in this line · ~40.0 ms · 40 samples\nFine sampling: the line that ran in each sample.',
    );
    assert.match(second?.text ?? '', /^~10 % .* ~10\.0 ms, with callees ~50\.0 ms · 50 samples/);
  });

  it('is marked as approximate if samples are taken at loops and calls', () => {
    const [first] = lineHeats({ ...lines, source: 'checks' });
    assert.match(first?.text ?? '', /\nApproximate: .*Fine Sampling/);
  });

  const insert = (line: number, character: number, text: string): Edit => ({
    startLine: line,
    startCharacter: character,
    endLine: line,
    endCharacter: character,
    text,
  });
  const edits: readonly (readonly [what: string, edits: readonly Edit[], lines: readonly number[]])[] = [
    ['moves down with lines inserted above', [insert(0, 0, 'a\nb\n')], [4, 6]],
    ['moves down with a line inserted directly above', [insert(2, 0, 'a\n')], [3, 5]],
    ['stays if something is inserted below', [insert(7, 0, 'a\n')], [2, 4]],
    ['ends in a line that is edited', [insert(2, 4, 'x')], [4]],
    ['moves up with deleted lines', [{ ...insert(0, 0, ''), endLine: 1 }], [1, 3]],
    ['ends in a line that is deleted', [{ ...insert(2, 0, ''), endLine: 3 }], [3]],
    ['follows several edits', [insert(0, 0, '\n'), insert(4, 0, '\n'), insert(6, 1, 'x')], [3]],
  ];
  for (const [what, changes, expected] of edits) {
    it(what, () =>
      assert.deepEqual(
        lineHeats(lines, changes).map(({ line }) => line),
        expected,
      ),
    );
  }

  it('is a share of the CPU time of all stacks, as in the flame graph', () => {
    const stacks = {
      functions: [{ name: 'f', file: 'a.js', line: 1, component: 'c' }],
      threads: [
        {
          process: 1,
          thread: 0,
          name: 'main',
          omitted: 0,
          nodes: [
            [-1, 0, 4, 30e6],
            [0, 0, 1, 10e6],
          ] as const,
          lines: [[0, 2, 4, 30e6, 40e6]] as const,
        },
        { process: 1, thread: 0, name: 'spans', kind: 'spans' as const, omitted: 0, nodes: [[-1, 0, 1, 9e9]] as const },
      ],
      lineSource: 'checks' as const,
    };
    assert.deepEqual(linesOfFile(stacks, 'a.js'), {
      lines: [{ line: 2, samples: 4, selfNs: 30e6, totalNs: 40e6 }],
      totalNs: 40e6,
      source: 'checks',
    });
    assert.equal(linesOfFile(stacks, 'b.js'), undefined);
    const { lineSource: _, ...without } = stacks;
    assert.equal(linesOfFile(without, 'a.js'), undefined);
  });
});
