import { strict as assert } from 'node:assert';
import { type HotSpotDirection, hotSpotFrom, hotSpots } from '../../src/editor/hot-spots.ts';
import type { OperationState } from '../../src/protocol/snapshot.ts';
import { snapshotAt } from '../fixtures/snapshot.ts';

describe('hot spots', () => {
  const base = snapshotAt(30);
  const [first] = base.operations;
  assert.ok(first);
  const sampled = (file: string, line: number, selfNs: number, component = 'functions'): OperationState => ({
    ...first,
    component,
    name: `${file}:${line}`,
    file,
    line,
    count: 0,
    source: 'sampled',
    samples: 1,
    selfNs,
    totalNs: selfNs,
  });
  const operations = [
    sampled('b.js', 30, 10e6),
    sampled('b.js', 5, 10e6),
    sampled('a.js', 9, 40e6),
    sampled('a.js', 2, 20e6),
    sampled('c.js', 7, 5e6),
    // Too cold, outside of the workspace, of a package, and never sampled itself.
    sampled('c.js', 8, 0.5e6),
    sampled('../d.js', 1, 9e6),
    sampled('node_modules/e/e.js', 1, 5e6, 'node_modules/e'),
    sampled('c.js', 9, 0),
  ];
  const locate = (file: string): string | undefined => (file.startsWith('..') ? undefined : `/w/${file}`);
  const spots = hotSpots({ ...base, operations, sampledNs: 100e6 }, locate);

  it('are ordered by the heat of their file, and in a file by line', () => {
    assert.deepEqual(
      spots.map(({ path, line }) => `${path}:${line}`),
      ['/w/a.js:2', '/w/a.js:9', '/w/b.js:5', '/w/b.js:30', '/w/c.js:7'],
    );
    assert.deepEqual(
      spots.map(({ share }) => share),
      [0.2, 0.4, 0.1, 0.1, 0.05],
    );
  });

  const steps: readonly (readonly [at: string | undefined, direction: HotSpotDirection, to: string])[] = [
    [undefined, 'next', '/w/a.js:2'],
    [undefined, 'previous', '/w/c.js:7'],
    ['/w/other.js:3', 'next', '/w/a.js:2'],
    ['/w/a.js:1', 'next', '/w/a.js:2'],
    ['/w/a.js:2', 'next', '/w/a.js:9'],
    ['/w/a.js:4', 'next', '/w/a.js:9'],
    ['/w/a.js:4', 'previous', '/w/a.js:2'],
    ['/w/a.js:9', 'next', '/w/b.js:5'],
    ['/w/b.js:99', 'next', '/w/c.js:7'],
    ['/w/b.js:1', 'previous', '/w/a.js:9'],
    ['/w/c.js:7', 'next', '/w/a.js:2'],
    ['/w/a.js:1', 'previous', '/w/c.js:7'],
  ];
  for (const [at, direction, to] of steps) {
    it(`lead from ${at ?? 'no file'} to ${to} with ${direction}`, () => {
      const [path = '', line = ''] = at?.split(':') ?? [];
      const spot = hotSpotFrom(spots, at === undefined ? undefined : { path, line: Number(line) }, direction);
      assert.equal(`${spot?.path}:${spot?.line}`, to);
    });
  }

  it('lead nowhere if there is none, or only the current one', () => {
    assert.equal(hotSpotFrom([], undefined, 'next'), undefined);
    assert.equal(hotSpotFrom([], { path: '/w/a.js', line: 1 }, 'previous'), undefined);
    const alone = spots.slice(0, 1);
    for (const direction of ['next', 'previous'] as const)
      assert.equal(hotSpotFrom(alone, { path: '/w/a.js', line: 2 }, direction), undefined);
    assert.equal(hotSpotFrom(alone, { path: '/w/a.js', line: 3 }, 'next')?.line, 2);
  });
});
