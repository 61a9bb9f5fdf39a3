import { strict as assert } from 'node:assert';
import { type ChoiceOptions, selectLenses, fileKey } from '../../../src/editor/lens/select-lenses.ts';
import { snapshotAt } from '../../fixtures/snapshot.ts';

const options: ChoiceOptions = {
  template: `\${p95} p95`,
  minNs: 1e6,
  slowNs: 100e6,
  verySlowNs: 500e6,
  locate: (file) => `/w/${file}`,
};

describe('choice', () => {
  const snapshot = snapshotAt(30);

  it('chooses a place for each operation that names one and for each file', () => {
    const choices = selectLenses(snapshot, options);
    const placed = snapshot.operations.filter(({ file }) => file !== undefined);
    assert.ok(placed.length > 0 && placed.length < snapshot.operations.length);
    assert.equal(choices.filter(({ key }) => key !== fileKey).length, placed.length);
    assert.equal(choices.filter(({ key }) => key === fileKey).length, snapshot.items.length);
  });

  it('counts lines from 0 and says the p95 of the snapshot', () => {
    const operation = snapshot.operations.find(({ name }) => name === 'parse_file');
    const choice = selectLenses(snapshot, options).find(({ key }) => key === 'tree_sitter_manager/parse_file');
    assert.ok(operation && choice);
    assert.equal(choice.line, (operation.line ?? 0) - 1);
    assert.equal(choice.path, `/w/${operation.file}`);
    assert.equal(choice.text, '18.5 ms p95');
    assert.ok(choice.tooltip.includes('parse_file') && choice.tooltip.includes('measured'));
  });

  it('calls worthy only what reaches the least duration by its p95', () => {
    const fast = selectLenses(snapshot, { ...options, minNs: 1e12 });
    assert.ok(fast.length > 0 && fast.every(({ worthy }) => !worthy));
    const slow = selectLenses(snapshot, options).filter(({ worthy, key }) => worthy && key !== fileKey);
    const expected = snapshot.operations.filter(({ file, p95Ns }) => file !== undefined && (p95Ns ?? 0) >= 1e6);
    assert.equal(slow.length, expected.length);
  });

  it('tells of a sampled function how many looks saw it, and takes its whole time for its weight', () => {
    const base = { ...known('parse_file'), count: 0, source: 'sampled', file: 'a.ts' } as const;
    const operations = [
      { ...base, name: 'inner', line: 3, samples: 30, selfNs: 30e6, totalNs: 30e6 },
      { ...base, name: 'outer', line: 9, samples: 40, selfNs: 10e6, totalNs: 40e6 },
      { ...base, name: 'never', line: 12, samples: 0, selfNs: 0, totalNs: 0 },
    ];
    const [inner, outer, ...others] = selectLenses({ ...snapshot, items: [], operations }, options);
    assert.ok(inner && outer && others.length === 0);
    assert.match(inner.tooltip, /seen on 30 of 40 looks at the stack; an estimate/);
    assert.deepEqual([inner.text, inner.weightNs, inner.worthy], ['~30.0 ms self · ~30.0 ms total', 30e6, true]);
    assert.deepEqual([inner.warmth, outer.warmth], [Math.sqrt(0.75), 0.5]);
  });

  it('calls a function that was timed measured, also where looks saw it', () => {
    const operations = [{ ...known('parse_file'), samples: 30, file: 'a.ts' }];
    const [choice] = selectLenses({ ...snapshot, items: [], operations }, options);
    assert.match(choice?.tooltip ?? '', /measured/);
    assert.doesNotMatch(choice?.tooltip ?? '', /looks/);
  });

  function known(name: string): (typeof snapshot.operations)[number] {
    const found = snapshot.operations.find((operation) => operation.name === name);
    assert.ok(found);
    return found;
  }

  it('leaves out what does not lie in the workspace', () => {
    assert.ok(selectLenses(snapshot, options).length > 0);
    assert.deepEqual(selectLenses(snapshot, { ...options, locate: () => undefined }), []);
  });

  it('shows one operation at a line, the slower one', () => {
    const operations = snapshot.operations.slice(0, 2).map((row) => ({ ...row, file: 'a.ts', line: 3 }));
    assert.equal(operations.length, 2);
    const choices = selectLenses({ ...snapshot, items: [], operations }, options);
    const slowest = Math.max(...operations.map(({ p95Ns = 0 }) => p95Ns));
    assert.deepEqual(
      choices.map(({ weightNs }) => weightNs),
      [slowest],
    );
  });

  it('places an operation that names no file by its name, and says so', () => {
    const [row] = snapshot.operations;
    assert.ok(row);
    const { file: _file, line: _line, ...nowhere } = { ...row, name: 'shop.checkout', count: 3 };
    const only = { ...snapshot, items: [], operations: [nowhere] };
    assert.deepEqual(selectLenses(only, options), []);
    const match = (name: string) => (name === 'shop.checkout' ? { path: '/w/shop.ts', line: 6 } : undefined);
    const [choice, ...others] = selectLenses(only, { ...options, match });
    assert.deepEqual([choice?.path, choice?.line, others.length], ['/w/shop.ts', 6, 0]);
    assert.match(choice?.tooltip ?? '', /shop\.checkout, matched by name/);
    assert.deepEqual(
      selectLenses({ ...only, operations: [{ ...nowhere, count: 0, samples: 9 }] }, { ...options, match }),
      [],
    );
  });
});
