import { strict as assert } from 'node:assert';
import { type BenchReport, isBenchReport } from '../../../src/core/benchmark/bench-report.ts';
import { formatReportText } from '../../../src/core/export/report-text.ts';
import { seededRandom } from '../../../src/core/statistics/statistics.ts';
import { compareNow, reportOf } from '../../fixtures/benchmark.ts';

const random = seededRandom(21);
const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** Returns durations around a median, with log-normal noise of the given coefficient of variation. */
function samples(medianNs: number, variation: number, n: number): number[] {
  return Array.from({ length: n }, () => medianNs * Math.exp(variation * normal()));
}

function verdictOf(then: readonly number[], now: readonly number[]) {
  const [row] = compareNow(reportOf({ one: then }), reportOf({ one: now })).rows;
  assert.ok(row);
  return row;
}

describe('benchmark verdict', () => {
  const base = reportOf({}).machine;
  const cases: readonly [string, number, number, number, string][] = [
    ['30 % more at 3 % noise', 1.3, 0.03, 30, 'regressed'],
    ['10 % more at 3 % noise', 1.1, 0.03, 30, 'slower'],
    ['20 % less at 3 % noise', 0.8, 0.03, 30, 'improved'],
    ['the same at 1 % noise', 1, 0.01, 30, 'unchanged'],
    ['the same at 40 % noise', 1, 0.4, 12, 'inconclusive'],
    ['30 % more in five runs', 1.3, 0.01, 5, 'inconclusive'],
  ];
  for (const [change, ratio, variation, n, verdict] of cases) {
    it(`is ${verdict} for ${change}, with a reason`, () => {
      const row = verdictOf(samples(5e6, variation, n), samples(5e6 * ratio, variation, n));
      assert.equal(row.verdict, verdict, row.reason);
      assert.ok(row.reason.length > 0);
      if (n < 6) assert.deepEqual([row.lowRatio, row.highRatio], [undefined, undefined]);
      else assert.ok(Number(row.lowRatio) <= row.ratio && row.ratio <= Number(row.highRatio));
    });
  }

  it('is slower or regressed for identical distributions in at most 2 of 100 trials', () => {
    let flagged = 0;
    for (let trial = 0; trial < 100; trial++) {
      const { verdict } = verdictOf(samples(5e6, 0.05, 20), samples(5e6, 0.05, 20));
      if (verdict === 'slower' || verdict === 'regressed') flagged++;
    }
    assert.ok(flagged <= 2, `${flagged} of 100`);
  });

  it('is the worst of several cases and ignores cases that only one report has', () => {
    const then = reportOf({ a: samples(5e6, 0.02, 30), b: samples(5e6, 0.02, 30), gone: [1] });
    const now = reportOf({ a: samples(5e6, 0.02, 30), b: samples(7e6, 0.02, 30), added: [1] });
    const comparison = compareNow(then, now);
    assert.deepEqual(
      comparison.rows.map((row) => `${row.case} ${row.measure}`),
      ['a wall', 'a memory', 'b wall', 'b memory'],
    );
    assert.equal(comparison.verdict, 'regressed');
  });

  it('comes with a warning for another workspace and another kernel', () => {
    const on = (kernel: string) => ({ machine: { ...base, platform: `linux ${kernel} x64` } });
    const [then, now] = [reportOf({ a: [1] }, on('6.1.0')), reportOf({ a: [1] }, { ...on('6.9.2'), workspace: '/v' })];
    const { warnings, incomparable } = compareNow(then, now);
    assert.equal(warnings.length, 2);
    assert.equal(incomparable, undefined);
  });

  const foreign: readonly [string, Partial<BenchReport>, RegExp][] = [
    ['another processor', { machine: { ...base, cpu: 'other' } }, /another machine \(cpu, 2 cores/],
    ['fewer cores', { machine: { ...base, cores: 1 } }, /another machine/],
    ['another architecture', { machine: { ...base, platform: 'darwin 24 arm64' } }, /another machine/],
    ['another version of Node', { machine: { ...base, node: '25.0.0' } }, /ran on Node 24\.0\.0, the candidate on 25/],
    ['another frequency governor', { machine: { ...base, governor: 'powersave' } }, /frequency governor/],
  ];
  for (const [difference, changes, reason] of foreign) {
    it(`is never a regression against a baseline with ${difference}, but a warning`, () => {
      const [fast, slow] = [samples(5e6, 0.01, 30), samples(9e6, 0.01, 30)];
      assert.equal(compareNow(reportOf({ a: fast }), reportOf({ a: slow })).verdict, 'regressed');
      const comparison = compareNow(reportOf({ a: fast }), reportOf({ a: slow }, changes));
      assert.equal(comparison.verdict, 'inconclusive');
      assert.deepEqual(comparison.regressions, []);
      for (const row of comparison.rows) assert.deepEqual([row.verdict, row.severity], ['inconclusive', undefined]);
      assert.match(comparison.incomparable ?? '', reason);
      assert.match(comparison.warnings[0] ?? '', reason);
    });
  }

  it('is never a regression against a baseline that an earlier version measured with the probe', () => {
    const { method: _, ...old } = reportOf({ a: samples(5e6, 0.01, 30) });
    const { verdict, incomparable } = compareNow(old, reportOf({ a: samples(9e6, 0.01, 30) }));
    assert.equal(verdict, 'inconclusive');
    assert.match(incomparable ?? '', /measured it with the probe/);
  });

  it('comes with a warning for outliers, a slow first run, and very short runs', () => {
    const steady = samples(5e7, 0.001, 20);
    const warningsOf = (list: readonly number[]) => reportOf({ a: list }).cases[0]?.warnings ?? [];
    assert.deepEqual(warningsOf(steady), []);
    assert.match(warningsOf([...steady, 9e7]).join(' '), /outliers/);
    assert.match(warningsOf([9e7, ...steady]).join(' '), /first run/);
    assert.match(warningsOf(samples(1e6, 0.001, 20)).join(' '), /shorter than 5 ms/);
  });
});

describe('benchmark report', () => {
  const report = reportOf({ 'cold|run': samples(5e6, 0.03, 20) });
  const comparison = compareNow(report, reportOf({ 'cold|run': samples(8e6, 0.03, 20) }));

  it('contains median, interval, spread, runs, machine and verdict as text', () => {
    const text = formatReportText(report, comparison);
    for (const part of ['median', '95 % interval', 'MAD', '20', 'cpu, 2 cores', 'Node 24.0.0', 'regressed']) {
      assert.ok(text.includes(part), part);
    }
    assert.ok(!/NaN|undefined/.test(text));
  });

  it('is read from a file only if every case has samples that are times', () => {
    const parsed = (samplesNs: unknown): boolean => {
      const [benchCase] = report.cases;
      return isBenchReport(JSON.parse(JSON.stringify({ ...report, cases: [{ ...benchCase, samplesNs }] })));
    };
    assert.ok(parsed([5e6]));
    for (const samplesNs of [[], [5e6, 0], [-5e6], ['5'], [null], undefined]) {
      assert.ok(!parsed(samplesNs), JSON.stringify(samplesNs));
    }
  });
});
