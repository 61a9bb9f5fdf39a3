import { strict as assert } from 'node:assert';
import { fileKey, type SelectLensesOptions, selectLenses } from '../../../src/editor/lens/select-lenses.ts';
import { snapshotAt } from '../../fixtures/snapshot.ts';

const options: SelectLensesOptions = {
  template: `\${p95} p95`,
  minNs: 1e6,
  slowNs: 100e6,
  verySlowNs: 500e6,
  locate: (file) => `/w/${file}`,
};

describe('selectLenses', () => {
  const snapshot = snapshotAt(30);

  it('selects each operation with a location and each file', () => {
    const candidates = selectLenses(snapshot, options);
    const placed = snapshot.operations.filter(({ file }) => file !== undefined);
    assert.ok(placed.length > 0 && placed.length < snapshot.operations.length);
    assert.equal(candidates.filter(({ key }) => key !== fileKey).length, placed.length);
    assert.equal(candidates.filter(({ key }) => key === fileKey).length, snapshot.items.length);
  });

  it('counts lines from 0 and shows the p95 of the snapshot', () => {
    const operation = snapshot.operations.find(({ name }) => name === 'parse_file');
    const candidate = selectLenses(snapshot, options).find(({ key }) => key === 'tree_sitter_manager/parse_file');
    assert.ok(operation && candidate);
    assert.equal(candidate.line, (operation.line ?? 0) - 1);
    assert.equal(candidate.path, `/w/${operation.file}`);
    assert.equal(candidate.text, '18.5 ms p95');
    assert.ok(candidate.tooltip.includes('parse_file') && candidate.tooltip.includes('measured'));
  });

  it('marks only operations whose p95 reaches the minimum as slow enough', () => {
    const fast = selectLenses(snapshot, { ...options, minNs: 1e12 });
    assert.ok(fast.length > 0 && fast.every(({ isSlowEnough }) => !isSlowEnough));
    const slow = selectLenses(snapshot, options).filter(({ isSlowEnough, key }) => isSlowEnough && key !== fileKey);
    const expected = snapshot.operations.filter(({ file, p95Ns }) => file !== undefined && (p95Ns ?? 0) >= 1e6);
    assert.equal(slow.length, expected.length);
  });

  it('shows the number of samples of a sampled function and uses its total time as weight', () => {
    const base = { ...operationNamed('parse_file'), count: 0, source: 'sampled', file: 'a.ts' } as const;
    const operations = [
      { ...base, name: 'inner', line: 3, samples: 30, selfNs: 30e6, totalNs: 30e6 },
      { ...base, name: 'outer', line: 9, samples: 40, selfNs: 10e6, totalNs: 40e6 },
      { ...base, name: 'never', line: 12, samples: 0, selfNs: 0, totalNs: 0 },
    ];
    const [inner, outer, ...others] = selectLenses({ ...snapshot, items: [], operations }, options);
    assert.ok(inner && outer && others.length === 0);
    assert.match(inner.tooltip, /in 30 of 40 stack samples; an estimate/);
    assert.deepEqual([inner.text, inner.weightNs, inner.isSlowEnough], ['~30.0 ms self · ~30.0 ms total', 30e6, true]);
    assert.deepEqual([inner.heat, outer.heat], [Math.sqrt(0.75), 0.5]);
  });

  it('calls a timed function measured even if it was sampled too', () => {
    const operations = [{ ...operationNamed('parse_file'), samples: 30, file: 'a.ts' }];
    const [candidate] = selectLenses({ ...snapshot, items: [], operations }, options);
    assert.match(candidate?.tooltip ?? '', /measured/);
    assert.doesNotMatch(candidate?.tooltip ?? '', /samples/);
  });

  function operationNamed(name: string): (typeof snapshot.operations)[number] {
    const operation = snapshot.operations.find((candidate) => candidate.name === name);
    assert.ok(operation);
    return operation;
  }

  it('omits everything outside the workspace', () => {
    assert.ok(selectLenses(snapshot, options).length > 0);
    assert.deepEqual(selectLenses(snapshot, { ...options, locate: () => undefined }), []);
  });

  it('selects the slowest of the operations on the same line', () => {
    const operations = snapshot.operations.slice(0, 2).map((row) => ({ ...row, file: 'a.ts', line: 3 }));
    assert.equal(operations.length, 2);
    const candidates = selectLenses({ ...snapshot, items: [], operations }, options);
    const slowest = Math.max(...operations.map(({ p95Ns = 0 }) => p95Ns));
    assert.deepEqual(
      candidates.map(({ weightNs }) => weightNs),
      [slowest],
    );
  });

  it('selects a function rather than the code outside of functions that begins on its line', () => {
    const base = { ...operationNamed('parse_file'), count: 0, source: 'sampled', file: 'a.js', line: 1 } as const;
    const whole = { ...base, name: '(top level of a.js)', samples: 90, selfNs: 60e6, totalNs: 90e6 };
    const first = { ...base, name: 'first', samples: 30, selfNs: 30e6, totalNs: 30e6 };
    for (const operations of [
      [whole, first],
      [first, whole],
    ]) {
      const candidates = selectLenses({ ...snapshot, items: [], operations }, options);
      assert.deepEqual(
        candidates.map(({ text }) => text),
        ['~30.0 ms self · ~30.0 ms total'],
      );
    }
    const [alone] = selectLenses({ ...snapshot, items: [], operations: [whole] }, options);
    assert.equal(alone?.text, '~60.0 ms self · ~90.0 ms total');
  });

  it('locates an operation without a file by its name and says so', () => {
    const [first] = snapshot.operations;
    assert.ok(first);
    const { file: _file, line: _line, ...unplaced } = { ...first, name: 'shop.checkout', count: 3 };
    const only = { ...snapshot, items: [], operations: [unplaced] };
    assert.deepEqual(selectLenses(only, options), []);
    const locateFunction = (name: string) => (name === 'shop.checkout' ? { path: '/w/shop.ts', line: 6 } : undefined);
    const [candidate, ...others] = selectLenses(only, { ...options, locateFunction });
    assert.deepEqual([candidate?.path, candidate?.line, others.length], ['/w/shop.ts', 6, 0]);
    assert.match(candidate?.tooltip ?? '', /shop\.checkout, matched by name/);
    assert.deepEqual(
      selectLenses({ ...only, operations: [{ ...unplaced, count: 0, samples: 9 }] }, { ...options, locateFunction }),
      [],
    );
  });
});
