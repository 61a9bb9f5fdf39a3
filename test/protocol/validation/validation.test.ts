import { strict as assert } from 'node:assert';
import { isValidation } from '../../../src/protocol/validation/validation.ts';
import { report } from '../../fixtures/report.ts';

/** One row for each part: its path and an invalid value. */
const invalid: readonly [path: readonly (string | number)[], value: unknown][] = [
  [['schema'], 'pipescope-validation/2'],
  [['verdict'], 'perfect'],
  [['runVerdict'], undefined],
  [['score'], '100'],
  [['score'], Number.NaN],
  [['reasons'], 'none'],
  [['categories', 0, 'title'], 1],
  [['categories', 0, 'passed'], -1],
  [['checks'], {}],
  [['checks', 0, 'status'], 'maybe'],
  [['checks', 0, 'severity'], undefined],
  [['checks', 0, 'findings'], [{ file: 'a.ts', line: 1.5, message: '' }]],
  [['checks', 0, 'evidence'], [{ kind: 'hash' }]],
  [['checks', 0, 'remediation'], [{ priority: 'high', title: 'Do it', steps: [], command: 'rm -rf .' }]],
  [['suggestions'], [{ id: 'A', timeoutMs: '5', runs: 3, p50Ns: 1, p95Ns: 1, p99Ns: 1 }]],
  [['tools'], { git: 2 }],
];

describe('isValidation', () => {
  it('accepts a report as the pipeline writes it', () => {
    assert.equal(isValidation(JSON.parse(JSON.stringify(report()))), true);
  });

  for (const [path, value] of invalid) {
    it(`rejects ${JSON.stringify(value)} as ${path.join('.')}`, () => {
      const copy: unknown = JSON.parse(JSON.stringify(report()));
      assert.equal(isValidation(copy), true);
      set(copy, path, value);
      assert.equal(isValidation(copy), false);
    });
  }

  it('rejects other values', () => {
    for (const other of [undefined, null, 1, 'report', [], {}]) assert.equal(isValidation(other), false);
  });
});

function set(target: unknown, path: readonly (string | number)[], value: unknown): void {
  const last = path.at(-1);
  let parent = target as Record<string | number, unknown>;
  for (const key of path.slice(0, -1)) {
    assert.ok(key in parent, `${key} is missing`);
    parent = parent[key] as Record<string | number, unknown>;
  }
  assert.ok(last !== undefined && last in parent, `${last} is missing`);
  parent[last] = value;
}
