import assert from 'node:assert/strict';
import { profilerComponent } from '../../src/core/snapshot/foreign-component.ts';
import { layOutLanes } from '../../webview/charts/timeline-lanes.ts';
import { defaultSortOf, filterAndSort, operationColumns } from '../../webview/views/tables/operation-columns.ts';
import { snapshotAt } from '../fixtures/snapshot.ts';

const { operations } = snapshotAt(40, { operations: 30, sampled: 5 });

describe('operation columns', () => {
  for (const column of operationColumns) {
    it(`sort by ${column.id} with undefined values last in either direction`, () => {
      for (const operation of operations) assert.doesNotMatch(column.text(operation), /NaN|undefined|null/);
      for (const descending of [true, false]) {
        const values = filterAndSort(operations, '', { column: column.id, descending }).map(column.value);
        assert.equal(values.length, operations.length);
        const defined = values.filter((value) => value !== undefined);
        assert.deepEqual(values.slice(0, defined.length), defined);
        for (const [index, value] of defined.slice(1).entries()) {
          const before = defined[index];
          assert.ok(before !== undefined && (descending ? before >= value : before <= value), `${before}, ${value}`);
        }
      }
    });
  }

  it('mark sampled operations, and only those, with a word and a tilde', () => {
    const kinds = { measured: 0, sampled: 0 };
    for (const operation of operations) {
      const texts = operationColumns.map(({ text }) => text(operation));
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
    it(`find ${names.join() || 'no operation'} by “${filter}”`, () => {
      const matches = filterAndSort(operations.slice(0, 10), filter, { column: 'operation', descending: false });
      assert.deepEqual(
        matches.map(({ name }) => name),
        names,
      );
    });
  }

  it('list the code of the profiler last, whatever the order', () => {
    const [first, ...others] = operations;
    assert.ok(first);
    for (const selfNs of [0, 2 ** 50]) {
      const profiler = { ...first, component: profilerComponent, name: profilerComponent, selfNs, totalNs: selfNs };
      for (const descending of [true, false]) {
        for (const { id } of operationColumns) {
          const sorted = filterAndSort([profiler, ...others], '', { column: id, descending });
          assert.equal(sorted.at(-1)?.component, profilerComponent);
        }
      }
    }
  });

  it('are ranked by total time for the stages of a pipeline, and by self time for other programs', () => {
    const { run } = snapshotAt(20);
    const { unit, ...program } = run;
    assert.ok(unit);
    assert.deepEqual(defaultSortOf({ run }), { column: 'total', descending: true });
    assert.deepEqual(defaultSortOf({ run: program }), { column: 'own', descending: true });
  });

  it('keep the order when sorting by an unknown column', () => {
    assert.deepEqual(filterAndSort(operations, '', { column: 'gone', descending: true }), operations);
  });
});

describe('timeline lanes', () => {
  const span = { component: 'c', name: 'n', durationNs: 10 };

  it('place a nested span below the outer span and a later span in the same lane', () => {
    const { placedSpans, laneCount } = layOutLanes(
      [
        { ...span, source: '1.0', startNs: 2, durationNs: 3 },
        { ...span, source: '1.0', startNs: 0, durationNs: 10 },
        { ...span, source: '1.0', startNs: 10, durationNs: 5 },
      ],
      0,
      100,
    );
    assert.deepEqual(
      placedSpans.map(({ span: { startNs }, lane }) => [startNs, lane]),
      [
        [0, 0],
        [2, 1],
        [10, 0],
      ],
    );
    assert.equal(laneCount, 2);
  });

  it('give each source a band, sorted by process and thread id', () => {
    const sources = ['7.10', '7.2', '12.0', '7.0'];
    const { bands } = layOutLanes(
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

  it('contain no overlapping spans and no spans outside the window', () => {
    const { spans } = snapshotAt(60);
    const { placedSpans } = layOutLanes(spans, 20e9, 40e9);
    assert.ok(placedSpans.length > 50 && placedSpans.length < spans.length);
    const ends = new Map<number, number>();
    for (const {
      span: { startNs, durationNs },
      lane,
    } of placedSpans) {
      assert.ok(startNs <= 40e9 && startNs + durationNs >= 20e9);
      assert.ok(startNs >= (ends.get(lane) ?? 0));
      ends.set(lane, startNs + durationNs);
    }
  });
});
