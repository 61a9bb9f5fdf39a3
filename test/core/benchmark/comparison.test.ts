/** Compares reports with planted changes. */
import { strict as assert } from 'node:assert';
import type { BenchReport } from '../../../src/core/benchmark/bench-report.ts';
import { samplesOf } from '../../../src/core/benchmark/comparison.ts';
import { pValueOf } from '../../../src/core/benchmark/judge-change.ts';
import { measures, severityOf } from '../../../src/core/benchmark/regression.ts';
import {
  type OperationSample,
  type ProfiledSample,
  type RunSample,
  summarizeCase,
} from '../../../src/core/benchmark/summarize-case.ts';
import { holm, median, seededRandom } from '../../../src/core/statistics/statistics.ts';
import { compareNow, reportOf } from '../../fixtures/benchmark.ts';

const random = seededRandom(4);
const about = (level: number): number => level * (1 + 0.02 * (random() - 0.5));
const operation = (name: string, level: number, more: Partial<OperationSample> = {}): OperationSample => {
  const valueNs = about(level);
  const identity = { component: 'part', name, file: `src/${name}.ts`, line: 1, source: 'measured' as const };
  return { ...identity, valueNs, totalNs: 10 * valueNs, count: 10, ...more };
};

type Measured = Partial<RunSample & ProfiledSample>;

/** Returns a report of 20 runs without and 20 runs with the probe, which have the given measurements. */
function measured(run: () => Measured) {
  const samples = Array.from({ length: 20 }, () => ({
    userNs: 9e8,
    systemNs: 1e8,
    wallNs: about(1e9),
    peakRssBytes: about(1e8),
    exitCode: 0,
    ...run(),
  }));
  return { ...reportOf({}), cases: [summarizeCase('run', samples, samples)] };
}

const plain = (): Measured => ({ items: 100, p95Ns: about(2e6), errorRatio: 0.01 });

describe('comparison', () => {
  const worse: readonly [string, () => Measured, string, RegExp][] = [
    // As many more items keep the throughput the same.
    ['wall time', () => ({ ...plain(), items: 140, wallNs: about(1.4e9) }), 'latency_increase', /wall time \+(39|40)/],
    ['throughput', () => ({ ...plain(), items: about(60) }), 'throughput_degradation', /throughput/],
    ['p95', () => ({ ...plain(), p95Ns: about(2.6e6) }), 'latency_increase', /p95 per item \+/],
    ['memory', () => ({ ...plain(), peakRssBytes: about(1.5e8) }), 'memory_increase', /peak memory \+/],
    ['failed calls', () => ({ ...plain(), errorRatio: 0.05 }), 'error_rate_increase', /failed calls 1.*5/],
  ];
  for (const [measure, run, type, message] of worse) {
    it(`reports a regression of ${measure} with its type`, () => {
      const { verdict, regressions } = compareNow(measured(plain), measured(run));
      assert.equal(verdict, 'regressed');
      assert.deepEqual(
        regressions.map((regression) => regression.type),
        [type],
      );
      assert.match(regressions[0]?.message ?? '', message);
    });
  }

  it('reports all regressions, not only the first', () => {
    const all = (): Measured =>
      Object.assign({}, ...worse.map(([, run]) => run()), {
        wallNs: about(1.4e9),
        items: about(60),
        p95Ns: about(2.6e6),
        peakRssBytes: about(1.5e8),
      });
    const { regressions } = compareNow(measured(plain), measured(all));
    assert.equal(regressions.length, 5);
  });

  it('rates errors as major if the baseline had no errors', () => {
    const { regressions } = compareNow(
      measured(() => ({ errorRatio: 0 })),
      measured(() => ({ errorRatio: 0.001 })),
    );
    assert.deepEqual(
      regressions.map(({ type, severity }) => [type, severity]),
      [['error_rate_increase', 'major']],
    );
  });

  it('finds the only slower operation among many and lists it first', () => {
    const many = (slow: number) => (): Measured => ({
      operations: Array.from({ length: 40 }, (_, index) => operation(`op${index}`, index === 7 ? slow : 5e6)),
    });
    const { rows, verdict, regressions } = compareNow(measured(many(5e6)), measured(many(6.9e6)));
    const operations = rows.filter((row) => row.measure === 'operation');
    assert.equal(operations.length, 40);
    assert.equal(operations[0]?.operation?.name, 'op7');
    assert.equal(operations[0]?.verdict, 'regressed');
    assert.equal(operations[0]?.severity, 'major');
    assert.equal(operations.filter((row) => row.verdict === 'regressed' || row.verdict === 'slower').length, 1);
    assert.equal(verdict, 'regressed');
    assert.equal(regressions.length, 1);
  });

  it('ignores sampled operations in the verdict', () => {
    const sampled = (valueNs: number) => (): Measured => ({
      operations: [operation('seen', valueNs, { source: 'sampled' })],
    });
    const { rows, verdict } = compareNow(measured(sampled(5e6)), measured(sampled(9e6)));
    assert.equal(rows.find((row) => row.operation)?.verdict, 'regressed');
    assert.equal(verdict, 'unchanged');
  });

  it('matches an operation whose line has moved and ignores operations that only one side has', () => {
    const runWith =
      (line: number, name = 'same') =>
      (): Measured => ({
        operations: [operation('same', 5e6, { line }), operation(name, 5e6)],
      });
    const { rows } = compareNow(measured(runWith(1, 'removed')), measured(runWith(90, 'added')));
    assert.deepEqual(
      rows.flatMap((row) => (row.operation ? [[row.operation.name, row.operation.line]] : [])),
      [['same', 90]],
    );
  });

  it('has values and a limit on the worse side for every measure', () => {
    const [benchCase] = measured(plain).cases;
    assert.ok(benchCase);
    for (const measure of measures) {
      assert.equal(measure.valuesOf(benchCase)?.length, 20, measure.id);
      assert.ok(measure.worse === 'more' ? measure.limit > 1 : measure.limit < 1, measure.id);
    }
  });

  it('rates the severity of a change by its size', () => {
    const severities = [0.1, 0.15, 0.16, 0.3, 0.31, 0.5, 0.51, -0.6].map(severityOf);
    assert.deepEqual(severities, ['minor', 'minor', 'moderate', 'moderate', 'major', 'major', 'critical', 'critical']);
  });

  it('warns about cases that are no longer measured', () => {
    const { warnings } = compareNow(reportOf({ a: [1], b: [1] }), reportOf({ a: [1] }));
    assert.match(warnings.join(' '), /No longer measured: b/);
  });

  it('pairs functions of the same name in a file by their order, and keeps all of them', () => {
    const runWith = (first: number, second: number, line: number) => (): Measured => ({
      operations: [operation('same', first, { line }), operation('same', second, { line: line + 30 })],
    });
    const [baseline, candidate] = [measured(runWith(2e6, 8e6, 5)), measured(runWith(2e6, 12e6, 9))];
    const { rows } = compareNow(baseline, candidate);
    const pairs = rows.flatMap((row) =>
      row.operation ? [[row.operation.line, row.verdict, Math.round(row.ratio * 10)]] : [],
    );
    assert.deepEqual(pairs, [
      [39, 'regressed', 15],
      [9, 'unchanged', 10],
    ]);
    for (const row of rows.filter(({ operation: compared }) => compared)) {
      const { before, after } = samplesOf(row, { baseline, candidate });
      assert.deepEqual([median([...before]), median([...after])], [row.before, row.after]);
    }
  });

  it('corrects the p values of all rows together, because any of them decides the verdict', () => {
    const many = (factor: number) => (): Measured => ({
      ...plain(),
      wallNs: about(1e9 * factor),
      operations: Array.from({ length: 12 }, (_, index) => operation(`op${index}`, 5e6)),
    });
    const [baseline, candidate] = [measured(many(1)), measured(many(1.004))];
    const { rows } = compareNow(baseline, candidate);
    assert.equal(rows.filter(({ measure }) => measure === 'operation').length, 12);
    assert.equal(rows.length, 17);
    const raw = rows.map((row) => pValueOf(samplesOf(row, { baseline, candidate })));
    const corrected = holm(raw);
    for (const [index, { p, case: name, measure }] of rows.entries()) {
      assert.ok(Math.abs(p - (corrected[index] as number)) < 1e-12, `${name} ${measure}: ${p}, ${corrected[index]}`);
    }
    // The smallest of 17 p values is multiplied by 17, whichever kind of row it belongs to.
    const smallest = Math.min(...raw);
    assert.ok(Math.abs(Math.min(...rows.map(({ p }) => p)) - Math.min(1, 17 * smallest)) < 1e-12);
  });

  it('detects a change of the whole process in ten runs beside a hundred operations', () => {
    const ten = (wall: number) => {
      const samples = Array.from({ length: 10 }, () => ({
        wallNs: about(wall),
        operations: Array.from({ length: 100 }, (_, index) => operation(`op${index}`, 5e6)),
      }));
      return { ...reportOf({}), cases: [summarizeCase('run', samples, samples)] };
    };
    const { rows } = compareNow(ten(1e9), ten(1.4e9));
    assert.equal(rows.length, 101);
    assert.deepEqual([rows[0]?.measure, rows[0]?.verdict], ['wall', 'regressed']);
    // 2 / C(20, 10) for two separate samples of ten, times 101 rows.
    assert.ok(Math.abs(Number(rows[0]?.p) - (101 * 2) / 184756) < 1e-12, `${rows[0]?.p}`);
  });

  it('does not compare values that were not measured', () => {
    const zeros = {
      ...measured(plain),
      cases: measured(plain).cases.map((one) => ({ ...one, peakRssBytes: one.samplesNs.map(() => 0) })),
    };
    const measuresOf = (then: BenchReport, now: BenchReport) =>
      compareNow(then, now).rows.map(({ measure }) => measure);
    assert.ok(measuresOf(measured(plain), measured(plain)).includes('memory'));
    assert.ok(!measuresOf(zeros, measured(plain)).includes('memory'));
    assert.ok(!measuresOf(measured(plain), zeros).includes('memory'));
  });

  it('says which runs failed if the baseline and the candidate differ', () => {
    const runs = (exitCode: number | null) => ({
      ...reportOf({}),
      cases: [
        summarizeCase(
          'run',
          Array.from({ length: 3 }, (_, index) => ({ wallNs: 1e9, exitCode: index ? exitCode : 0 })),
        ),
      ],
    });
    assert.match(
      compareNow(runs(0), runs(3)).warnings.join(' '),
      /baseline: no run failed\. Now: 2 of 3 runs failed \(exit code 3: 2\)/,
    );
    assert.match(
      compareNow(runs(null), runs(0)).warnings.join(' '),
      /terminated by a signal: 2\)\. Now: no run failed/,
    );
    assert.deepEqual(compareNow(runs(3), runs(3)).warnings, []);
  });
});
