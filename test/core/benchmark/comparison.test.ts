/** Holds a comparison of two reports to what was planted in them. */
import { strict as assert } from 'node:assert';
import { type OperationSample, type Sample, summarize } from '../../../src/core/benchmark/bench-report.ts';
import { measures, severityOf } from '../../../src/core/benchmark/regression.ts';
import { seededRandom } from '../../../src/core/statistics/statistics.ts';
import { compareReports, reportOf } from '../../fixtures/benchmark.ts';

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

/** A report of 20 runs that each say this. */
function measured(run: () => Partial<Sample>) {
  const samples = Array.from({ length: 20 }, () => ({
    userNs: 1e9,
    wallNs: about(1e9),
    cpuNs: 1e9,
    peakRssBytes: about(1e8),
    ...run(),
  }));
  return { ...reportOf({}), cases: [summarize('run', samples)] };
}

const plain = (): Partial<Sample> => ({ perSecond: about(100), p95Ns: about(2e6), errorRatio: 0.01 });

describe('comparison', () => {
  const worse: readonly [string, () => Partial<Sample>, string, RegExp][] = [
    ['wall time', () => ({ ...plain(), wallNs: about(1.4e9) }), 'latency_increase', /wall time \+(39|40)/],
    ['throughput', () => ({ ...plain(), perSecond: about(60) }), 'throughput_degradation', /throughput/],
    ['p95', () => ({ ...plain(), p95Ns: about(2.6e6) }), 'latency_increase', /p95 of an item \+/],
    ['memory', () => ({ ...plain(), peakRssBytes: about(1.5e8) }), 'memory_increase', /peak memory \+/],
    ['failed calls', () => ({ ...plain(), errorRatio: 0.05 }), 'error_rate_increase', /failed calls 1.*5/],
  ];
  for (const [what, run, type, message] of worse) {
    it(`reports that ${what} became worse, by its type`, () => {
      const { verdict, regressions } = compareReports(measured(plain), measured(run));
      assert.equal(verdict, 'regressed');
      assert.deepEqual(
        regressions.map((one) => one.type),
        [type],
      );
      assert.match(regressions[0]?.message ?? '', message);
    });
  }

  it('reports all that became worse, not the first', () => {
    const all = (): Partial<Sample> =>
      Object.assign({}, ...worse.map(([, run]) => run()), {
        wallNs: about(1.4e9),
        perSecond: about(60),
        p95Ns: about(2.6e6),
        peakRssBytes: about(1.5e8),
      });
    const { regressions } = compareReports(measured(plain), measured(all));
    assert.equal(regressions.length, 5);
  });

  it('calls errors where there were none major', () => {
    const { regressions } = compareReports(
      measured(() => ({ errorRatio: 0 })),
      measured(() => ({ errorRatio: 0.001 })),
    );
    assert.deepEqual(
      regressions.map(({ type, severity }) => [type, severity]),
      [['error_rate_increase', 'major']],
    );
  });

  it('finds the one operation that became slower among many, and puts it first', () => {
    const many = (slow: number) => (): Partial<Sample> => ({
      operations: Array.from({ length: 40 }, (_, index) => operation(`op${index}`, index === 7 ? slow : 5e6)),
    });
    const { rows, verdict, regressions } = compareReports(measured(many(5e6)), measured(many(6.9e6)));
    const operations = rows.filter((row) => row.measure === 'operation');
    assert.equal(operations.length, 40);
    assert.equal(operations[0]?.operation?.name, 'op7');
    assert.equal(operations[0]?.verdict, 'regressed');
    assert.equal(operations[0]?.severity, 'major');
    assert.equal(operations.filter((row) => row.verdict === 'regressed' || row.verdict === 'slower').length, 1);
    assert.equal(verdict, 'regressed');
    assert.equal(regressions.length, 1);
  });

  it('lets what was only sampled decide nothing', () => {
    const one = (valueNs: number) => (): Partial<Sample> => ({
      operations: [operation('seen', valueNs, { source: 'sampled' })],
    });
    const { rows, verdict } = compareReports(measured(one(5e6)), measured(one(9e6)));
    assert.equal(rows.find((row) => row.operation)?.verdict, 'regressed');
    assert.equal(verdict, 'unchanged');
  });

  it('follows an operation whose line has moved, and leaves out what only one side has', () => {
    const one =
      (line: number, name = 'same') =>
      (): Partial<Sample> => ({
        operations: [operation('same', 5e6, { line }), operation(name, 5e6)],
      });
    const { rows } = compareReports(measured(one(1, 'gone')), measured(one(90, 'fresh')));
    assert.deepEqual(
      rows.flatMap((row) => (row.operation ? [[row.operation.name, row.operation.line]] : [])),
      [['same', 90]],
    );
  });

  it('walks every measure: each has values, a unit and a limit on its worse side', () => {
    const [one] = measured(plain).cases;
    assert.ok(one);
    for (const measure of measures) {
      assert.equal(measure.valuesOf(one)?.length, 20, measure.id);
      assert.ok(measure.worse === 'more' ? measure.limit > 1 : measure.limit < 1, measure.id);
    }
  });

  it('grades a change by its share', () => {
    const grades = [0.1, 0.15, 0.16, 0.3, 0.31, 0.5, 0.51, -0.6].map(severityOf);
    assert.deepEqual(grades, ['minor', 'minor', 'moderate', 'moderate', 'major', 'major', 'critical', 'critical']);
  });

  it('says which case is not measured any more', () => {
    const { warnings } = compareReports(reportOf({ a: [1], b: [1] }), reportOf({ a: [1] }));
    assert.match(warnings.join(' '), /Not measured any more: b/);
  });
});
