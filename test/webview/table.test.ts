import assert from 'node:assert/strict';
import { lanesOf } from '../../webview/charts/timeline-lanes.ts';
import { arrange, columns } from '../../webview/views/tables/operation-columns.ts';
import { snapshotAt } from '../fixtures/snapshot.ts';

const { operations } = snapshotAt(40, { operations: 30, sampled: 5 });

describe('columns', () => {
  for (const column of columns) {
    it(`reads and sorts by ${column.id}, what is not known last either way`, () => {
      for (const operation of operations) assert.doesNotMatch(column.text(operation), /NaN|undefined|null/);
      for (const descending of [true, false]) {
        const values = arrange(operations, '', { column: column.id, descending }).map(column.value);
        assert.equal(values.length, operations.length);
        const known = values.filter((value) => value !== undefined);
        assert.deepEqual(values.slice(0, known.length), known);
        for (const [at, value] of known.slice(1).entries()) {
          const before = known[at];
          assert.ok(before !== undefined && (descending ? before >= value : before <= value), `${before}, ${value}`);
        }
      }
    });
  }

  it('mark what was sampled in words and with a sign, and only that', () => {
    const kinds = { measured: 0, sampled: 0 };
    for (const operation of operations) {
      const texts = columns.map(({ text }) => text(operation));
      if (operation.source === 'sampled') kinds.sampled += 1;
      else kinds.measured += 1;
      assert.equal(texts[0]?.startsWith('~'), operation.source === 'sampled');
      assert.equal(texts[1]?.includes('sampled'), operation.source === 'sampled');
      assert.ok(
        texts.slice(2).every((text) => text === '–' || text.startsWith('~') === (operation.source === 'sampled')),
      );
    }
    assert.deepEqual(kinds, { measured: 25, sampled: 5 });
  });

  const filters = [
    { filter: 'PARSE_', names: ['parse_file'] },
    { filter: 'detection/resolve.ts', names: ['resolve_breadcrumb'] },
    { filter: ' file_discovery ', names: ['list_files'] },
    { filter: 'no such thing', names: [] },
  ];
  for (const { filter, names } of filters) {
    it(`find ${names.join() || 'nothing'} by “${filter}”`, () => {
      const found = arrange(operations.slice(0, 10), filter, { column: 'operation', descending: false });
      assert.deepEqual(
        found.map(({ name }) => name),
        names,
      );
    });
  }

  it('leave the order as it is for a column that they do not know', () => {
    assert.deepEqual(arrange(operations, '', { column: 'gone', descending: true }), operations);
  });
});

describe('lanes', () => {
  const span = { component: 'c', name: 'n', durationNs: 10 };

  it('put what lies inside a span below it, and what follows beside it', () => {
    const { placed, lanes } = lanesOf(
      [
        { ...span, source: '1.0', startNs: 2, durationNs: 3 },
        { ...span, source: '1.0', startNs: 0, durationNs: 10 },
        { ...span, source: '1.0', startNs: 10, durationNs: 5 },
      ],
      0,
      100,
    );
    assert.deepEqual(
      placed.map(({ span: { startNs }, lane }) => [startNs, lane]),
      [
        [0, 0],
        [2, 1],
        [10, 0],
      ],
    );
    assert.equal(lanes, 2);
  });

  it('give each source a band, in the order of its numbers', () => {
    const sources = ['7.10', '7.2', '12.0', '7.0'];
    const { bands } = lanesOf(
      sources.map((source) => ({ ...span, source, startNs: 0 })),
      0,
      100,
    );
    assert.deepEqual(
      bands.map(({ source, firstLane }) => [source, firstLane]),
      [
        ['7.0', 0],
        ['7.2', 1],
        ['7.10', 2],
        ['12.0', 3],
      ],
    );
  });

  it('never let two spans of one lane overlap, and leave out what the window does not touch', () => {
    const { spans } = snapshotAt(60);
    const { placed } = lanesOf(spans, 20e9, 40e9);
    assert.ok(placed.length > 50 && placed.length < spans.length);
    const ends = new Map<number, number>();
    for (const { span: one, lane } of placed) {
      assert.ok(one.startNs <= 40e9 && one.startNs + one.durationNs >= 20e9);
      assert.ok(one.startNs >= (ends.get(lane) ?? 0));
      ends.set(lane, one.startNs + one.durationNs);
    }
  });
});
