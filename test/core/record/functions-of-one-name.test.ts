import { strict as assert } from 'node:assert';
import { Recorder } from '../../../src/core/record/recorder.ts';

describe('Recorder', () => {
  it('separates functions of one name in one file, in whatever order the processes report them', () => {
    const recorder = new Recorder({ components: [], wallStartMs: 0, displayPathOf: (file) => file });
    for (const [source, lines] of [
      ['1.0', [3, 9]],
      ['2.0', [9, 3]],
    ] as const) {
      recorder.ingest(
        {
          v: 1,
          source,
          sequence: 0,
          atNs: 0,
          cost: { events: 0, flushNs: 0 },
          definitions: lines.map((line) => ({
            id: line,
            component: 'c',
            name: 'run',
            kind: 'function',
            file: 'a/b.js',
            line,
          })),
          operations: lines.map((line) => ({
            id: line,
            count: line,
            errors: 0,
            totalNs: 0,
            hits: 0,
            misses: 0,
            buckets: [],
          })),
        },
        0,
      );
    }
    assert.deepEqual(
      [...recorder.operations.values()].map(({ definition, count }) => [definition.name, definition.line, count]),
      [
        ['run (b.js:3)', 3, 6],
        ['run (b.js:9)', 9, 18],
      ],
    );
  });
});
