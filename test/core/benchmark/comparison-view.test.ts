/** Checks the order, the scale and the impact of the rows of a comparison that is shown. */
import { strict as assert } from 'node:assert';
import type { Comparison, ComparisonRow } from '../../../src/core/benchmark/comparison.ts';
import { buildComparisonView } from '../../../src/core/benchmark/comparison-view.ts';
import { summarizeCase } from '../../../src/core/benchmark/summarize-case.ts';
import type { ComparisonState } from '../../../src/protocol/panel/benchmark-state.ts';
import { reportOf, runToEnd } from '../../fixtures/benchmark.ts';

type PlantedRow = Pick<ComparisonRow, 'verdict' | 'ratio'> & Partial<ComparisonRow> & { readonly name?: string };

/** Number of operations in each planted case; a case cannot have more than 100. */
const perCase = 90;

/** Returns the view of these rows. An operation takes 10 ms in each of ten calls after the change. */
function viewOf(planted: readonly PlantedRow[]): ComparisonState {
  const names = planted.flatMap(({ name }) => name ?? []);
  const identity = (name: string) => ({ component: 'c', name, file: 'a.ts', line: 1, source: 'measured' as const });
  const runs = Array.from({ length: 10 }, () => ({ wallNs: 1e9, exitCode: 0 }));
  const cases = Array.from({ length: Math.ceil((names.length || 1) / perCase) }, (_, index) => {
    const operations = names
      .slice(index * perCase, (index + 1) * perCase)
      .map((name) => ({ ...identity(name), valueNs: 1e7, totalNs: 1e8, count: 10 }));
    return summarizeCase(`case ${index}`, runs, [{ wallNs: 1e9, operations }]);
  });
  const report = { ...reportOf({}), cases };
  const rows = planted.map(({ name, ...row }): ComparisonRow => {
    const index = name === undefined ? 0 : Math.floor(names.indexOf(name) / perCase);
    const subject =
      name === undefined ? { measure: 'wall' as const } : { measure: 'operation' as const, operation: identity(name) };
    const values = { before: 1e7 / row.ratio, after: 1e7, p: 0.5, n: [10, 10] as const, noiseFloor: 0, reason: '' };
    return { case: `case ${index}`, ...subject, ...values, ...row };
  });
  const comparison: Comparison = { rows, verdict: 'unchanged', regressions: [], warnings: ['a warning'] };
  return runToEnd(buildComparisonView({ name: 'main', baseline: report, candidate: report, comparison }));
}

describe('the view of a comparison', () => {
  it('lists whole processes first, then operations that changed, then the others, each by their impact', () => {
    const { rows, omitted } = viewOf([
      { name: 'noise', verdict: 'inconclusive', ratio: 9 },
      { name: 'less', verdict: 'slower', ratio: 1.2 },
      { name: 'same', verdict: 'unchanged', ratio: 1.01 },
      { name: 'faster', verdict: 'improved', ratio: 0.5 },
      { name: 'more', verdict: 'regressed', ratio: 1.6 },
      { verdict: 'unchanged', ratio: 1 },
    ]);
    assert.deepEqual(
      rows.map(({ what }) => what),
      ['wall time', 'faster', 'more', 'less', 'noise', 'same'],
    );
    assert.equal(omitted, 0);
  });

  it('states the time that a change adds to one run, and none for a whole process', () => {
    const { rows } = viewOf([
      { verdict: 'regressed', ratio: 2 },
      { name: 'slower', verdict: 'regressed', ratio: 2 },
      { name: 'faster', verdict: 'improved', ratio: 0.8 },
    ]);
    assert.deepEqual(
      rows.map(({ impactNs }) => impactNs && Math.round(impactNs)),
      [undefined, 50e6, -25e6],
    );
  });

  it('has a symmetric scale that contains every clear change, and ticks that do not overlap', () => {
    const scaleOf = (rows: readonly PlantedRow[]): ComparisonState['scale'] => viewOf(rows).scale;
    const narrow = scaleOf([{ verdict: 'unchanged', ratio: 1, lowRatio: 0.99, highRatio: 1.01 }]);
    assert.deepEqual(
      [narrow.low, narrow.high].map((end) => end.toFixed(2)),
      ['0.76', '1.31'],
    );
    assert.deepEqual(
      narrow.ticks,
      [0.8, 0.9, 1, 1.1, 1.25].filter((tick) => narrow.ticks.includes(tick)),
    );
    assert.ok(narrow.ticks.length >= 3 && narrow.ticks.includes(1), narrow.ticks.join(' '));
    const wide = scaleOf([{ verdict: 'improved', ratio: 0.2, lowRatio: 0.1, highRatio: 0.4 }]);
    assert.ok(wide.low < 0.1 && wide.high > 10, `${wide.low} to ${wide.high}`);
    assert.ok(wide.ticks.some((tick) => tick < 1) && wide.ticks.some((tick) => tick > 1), wide.ticks.join(' '));
    assert.ok(wide.ticks.every((tick) => tick > wide.low && tick < wide.high));
    const uncertain = scaleOf([{ verdict: 'inconclusive', ratio: 3, lowRatio: 0.1, highRatio: 9 }]);
    assert.ok(uncertain.high > 2 && uncertain.high < 2.2, `${uncertain.high}`);
    const extreme = scaleOf([{ verdict: 'regressed', ratio: 90, lowRatio: 80, highRatio: 100 }]);
    assert.equal(extreme.high, 20);
  });

  it('counts the operations that it leaves out', () => {
    const many = Array.from(
      { length: 170 },
      (_, index): PlantedRow => ({ name: `f${index}`, verdict: 'unchanged', ratio: 1 }),
    );
    const { rows, omitted } = viewOf(many);
    assert.deepEqual([rows.length, omitted], [150, 20]);
  });
});
