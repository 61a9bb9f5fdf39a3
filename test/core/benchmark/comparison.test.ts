/** Compares reports with planted changes. */
import { strict as assert } from 'node:assert';
import { type OperationSample, type RunSample, summarizeCase } from '../../../src/core/benchmark/bench-report.ts';
import { measures, severityOf } from '../../../src/core/benchmark/regression.ts';
import { seededRandom } from '../../../src/core/statistics/statistics.ts';
import { compareNow, reportOf } from '../../fixtures/benchmark.ts';

const random = seededRandom(4);
const about = (level: number): number => level * (1 + 0.02 * (random() - 0.5));
const operation = (name: string, valueNs: number, more: Partial<OperationSample> = {}): OperationSample => ({
  component: 'part',
  name,
  file: `src/${name}.ts`,
  line: 1,
  source: 'measured',
  valueNs: about(valueNs),
  count: 10,
  ...more,
});

/** Returns a report of 20 runs with the given measurements. */
function measured(run: () => Partial<RunSample>) {
  const samples = Array.from({ length: 20 }, () => ({
    userNs: 1e9,
    wallNs: about(1e9),
    cpuNs: 1e9,
    peakRssBytes: about(1e8),
    ...run(),
  }));
  return { ...reportOf({}), cases: [summarizeCase('run', samples)] };
}

const plain = (): Partial<RunSample> => ({ perSecond: about(100), p95Ns: about(2e6), errorRatio: 0.01 });

describe('comparison', () => {
  const worse: readonly [string, () => Partial<RunSample>, string, RegExp][] = [
    ['wall time', () => ({ ...plain(), wallNs: about(1.4e9) }), 'latency_increase', /wall time \+(39|40)/],
    ['throughput', () => ({ ...plain(), perSecond: about(60) }), 'throughput_degradation', /throughput/],
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
    const all = (): Partial<RunSample> =>
      Object.assign({}, ...worse.map(([, run]) => run()), {
        wallNs: about(1.4e9),
        perSecond: about(60),
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
    const many = (slow: number) => (): Partial<RunSample> => ({
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
    const sampled = (valueNs: number) => (): Partial<RunSample> => ({
      operations: [operation('seen', valueNs, { source: 'sampled' })],
    });
    const { rows, verdict } = compareNow(measured(sampled(5e6)), measured(sampled(9e6)));
    assert.equal(rows.find((row) => row.operation)?.verdict, 'regressed');
    assert.equal(verdict, 'unchanged');
  });

  it('matches an operation whose line has moved and ignores operations that only one side has', () => {
    const runWith =
      (line: number, name = 'same') =>
      (): Partial<RunSample> => ({
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
});
