/** Summarizes planted runs: values that were not measured or cannot exist are absent, everywhere they could be shown. */
import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import type { BenchReport } from '../../../src/core/benchmark/bench-report.ts';
import { type RunSample, summarizeCase } from '../../../src/core/benchmark/summarize-case.ts';
import { benchFormats } from '../../../src/core/export/bench-formats.ts';
import { formatReportText } from '../../../src/core/export/report-text.ts';
import { formatReportLine } from '../../../src/editor/benchmark/report-line.ts';
import { toOperationSamples } from '../../../src/node/benchmark/measure-run.ts';
import type { OperationState } from '../../../src/protocol/snapshot.ts';
import { reportOf } from '../../fixtures/benchmark.ts';

/** Returns a report of runs that take 50 ms and a little more each. */
function reportOfRuns(runs: readonly Omit<RunSample, 'wallNs'>[]): BenchReport {
  const samples = runs.map((run, index) => ({ wallNs: 50e6 + index * 1e5, ...run }));
  return { ...reportOf({}), cases: [summarizeCase('run', samples)] };
}

function written(id: string, report: BenchReport): string {
  const format = benchFormats.find((candidate) => candidate.id === id);
  assert.ok(format, id);
  return format.write({ report });
}

/** Returns n runs for which everything is measured. */
const complete = (n: number): readonly Omit<RunSample, 'wallNs'>[] =>
  Array.from({ length: n }, () => ({ userNs: 2e7, systemNs: 1e7, peakRssBytes: 44e6, exitCode: 0 }));

describe('a benchmark case', () => {
  it('has an interval from six runs on, and a deviation from two runs on', () => {
    for (let n = 1; n <= 12; n++) {
      const [benchCase] = reportOfRuns(complete(n)).cases;
      assert.equal(benchCase?.madNs !== undefined, n >= 2, `deviation of ${n} runs`);
      assert.equal(benchCase?.lowNs !== undefined, n >= 6, `low end for ${n} runs`);
      assert.equal(benchCase?.highNs !== undefined, n >= 6, `high end for ${n} runs`);
      if (n < 6) continue;
      assert.ok(Number(benchCase?.lowNs) < Number(benchCase?.medianNs));
      assert.ok(Number(benchCase?.medianNs) < Number(benchCase?.highNs));
    }
  });

  it('shows a dash in place of an interval that does not exist', () => {
    const cellsOf = (n: number): readonly string[] =>
      (
        formatReportText(reportOfRuns(complete(n)))
          .split('\n')
          .find((line) => line.startsWith('run ')) ?? ''
      ).split(/ {2,}/);
    assert.deepEqual(cellsOf(1).slice(2, 4), ['–', '–']);
    assert.deepEqual(cellsOf(3).slice(2, 4), ['–', '100 µs']);
    assert.match(cellsOf(6)[2] ?? '', /ms – /);
    assert.equal(cellsOf(6)[6], '30.0 ms');
    assert.equal(cellsOf(6)[7], '44 MB');
  });

  it('lacks CPU time and memory in every format if they were not measured', () => {
    const [measured, unmeasured] = [complete(10), complete(10).map(() => ({ exitCode: 0 }))].map(reportOfRuns);
    assert.ok(measured && unmeasured);
    assert.match(written('text', measured), /30\.0 ms +44 MB/);
    assert.match(written('text', unmeasured), / – +– +10$/m);
    assert.match(written('markdown', measured).replaceAll('\\', ''), /\| 30\.0 ms \| 44 MB \|/);
    assert.match(written('markdown', unmeasured), /\| – \| – \|/);
    const [row, bare] = [measured, unmeasured].map((report) => JSON.parse(written('json', report)).results[0]);
    assert.deepEqual([row.memory_usage_mb, row.additional_metrics.cpu_ms], [44, 30]);
    assert.deepEqual([bare.memory_usage_mb, 'cpu_ms' in bare.additional_metrics], [null, false]);
    const rowsOf = (report: BenchReport): number => JSON.parse(written('custom-smaller-is-better', report)).length;
    assert.deepEqual([rowsOf(measured), rowsOf(unmeasured)], [2, 1]);
    const [full, partial] = [measured, unmeasured].map((report) => JSON.parse(written('hyperfine', report)).results[0]);
    assert.deepEqual([full.user, full.system, full.memory_usage_byte[0]], [0.02, 0.01, 44e6]);
    assert.deepEqual([partial.user, partial.system, 'memory_usage_byte' in partial], [null, null, false]);
    for (const { id } of benchFormats) assert.doesNotMatch(written(id, unmeasured), /\b0 (ns|B)\b|NaN|undefined/, id);
  });

  it('lacks a value that one of its runs lacks, because a gap would shift the others', () => {
    const runs = complete(8).map((run, index) => (index === 3 ? { exitCode: 0 } : run));
    const [benchCase] = reportOfRuns(runs).cases;
    assert.equal(benchCase?.peakRssBytes, undefined);
    assert.equal(benchCase?.cpuNs, undefined);
    assert.equal(benchCase?.exitCodes?.length, 8);
  });

  it('reports failed runs and their exit codes in every format', () => {
    const runs = complete(10).map((run, index) => ({
      ...run,
      exitCode: index < 4 ? ([0, 3, 3, null][index] as number | null) : 0,
    }));
    const report = reportOfRuns(runs);
    const expected = /3 of 10 runs failed \(exit code 3: 2, terminated by a signal: 1\)/;
    for (const id of ['text', 'json', 'markdown', 'github', 'custom-smaller-is-better']) {
      assert.match(written(id, report).replaceAll('\\', ''), expected, id);
      assert.doesNotMatch(written(id, reportOfRuns(complete(10))), /failed \(/, id);
    }
    assert.match(written('github', report), /^::warning title=Pipescope::run: 3 of 10/);
    assert.deepEqual(JSON.parse(written('hyperfine', report)).results[0].exit_codes.slice(0, 5), [0, 3, 3, null, 0]);
    assert.equal(JSON.parse(written('json', report)).results[0].additional_metrics.failed_runs, 3);
    assert.match(formatReportLine(report), expected);
  });

  it('states throughput by the time of the runs without the probe', () => {
    const profiled = [
      { wallNs: 9e9, items: 100 },
      { wallNs: 8e9, items: 100 },
    ];
    const benchCase = summarizeCase('run', [{ wallNs: 1e9 }, { wallNs: 2e9 }], profiled);
    assert.deepEqual(benchCase.perSecond, [100, 50]);
    assert.deepEqual(
      [benchCase.samplesNs, benchCase.profiled?.samplesNs],
      [
        [1e9, 2e9],
        [9e9, 8e9],
      ],
    );
  });

  it('says from which runs the operations come', () => {
    const operations = [
      { component: 'part', name: 'work', source: 'measured' as const, valueNs: 2e6, totalNs: 1e7, count: 5 },
    ];
    const profiled = Array.from({ length: 4 }, () => ({ wallNs: 180e6, events: 5, operations }));
    const report = { ...reportOf({}), cases: [summarizeCase('run', [{ wallNs: 50e6 }], profiled)] };
    for (const id of ['text', 'markdown']) {
      assert.match(
        written(id, report),
        /operations from 4 further runs with the probe \(median wall time 180 ms\)/,
        id,
      );
    }
    assert.deepEqual(JSON.parse(written('json', report)).report.cases[0].profiled, {
      samplesNs: [180e6, 180e6, 180e6, 180e6],
    });
  });
});

describe('the time per call of an operation', () => {
  const state = (changes: Partial<OperationState>): OperationState => ({
    component: 'part',
    name: 'work',
    kind: 'function',
    count: 0,
    errors: 0,
    errorTypes: {},
    totalNs: 0,
    cacheHits: 0,
    cacheMisses: 0,
    source: 'measured',
    ...changes,
  });

  it('times the number of calls is the total, however many calls were timed', () => {
    const [counts, totals] = [fc.integer({ min: 1, max: 1e9 }), fc.integer({ min: 1, max: 1e12 })];
    fc.assert(
      fc.property(counts, totals, fc.double({ min: 0, max: 1, noNaN: true }), (count, totalNs, share) => {
        const timed = Math.max(1, Math.floor(count * share));
        const isEstimated = timed < count;
        const [sample] = toOperationSamples([
          state({ count, totalNs, ...(isEstimated ? { timed, source: 'estimated' as const } : {}) }),
        ]);
        assert.ok(sample);
        assert.ok(Math.abs(sample.valueNs * sample.count - totalNs) <= 1e-9 * totalNs);
      }),
    );
  });

  it('is that of all calls if they are recursive, and the total is then the time in which one was in progress', () => {
    const operations = toOperationSamples([state({ count: 10, totalNs: 12e6, averageNs: 4e6 })]);
    const benchCase = summarizeCase('run', [{ wallNs: 5e7 }], [{ wallNs: 5e7, operations }]);
    assert.deepEqual(benchCase.operations?.[0]?.samplesNs, [4e6]);
    assert.deepEqual(benchCase.operations?.[0]?.totalsNs, [12e6]);
    const text = formatReportText({ ...reportOf({}), cases: [benchCase] });
    assert.match(text, /part\.work +10 +4\.0 ms +12\.0 ms/);
  });

  it('does not exist for calls that were only counted, and is the total of a sampled operation', () => {
    assert.deepEqual(toOperationSamples([state({ count: 5, cacheHits: 5 })]), []);
    const [sampled] = toOperationSamples([state({ source: 'sampled', samples: 7, totalNs: 7e6 })]);
    assert.equal(sampled?.valueNs, 7e6);
  });

  it('is summed up for each package and owner of code that is not the user’s', () => {
    const sampled = (component: string, name: string, selfNs: number) =>
      state({ component, name, source: 'sampled', samples: 1, totalNs: 9e6, selfNs });
    const samples = toOperationSamples([
      sampled('(pipescope)', 'probe', 4e6),
      sampled('(node)', 'a', 1e6),
      sampled('(node)', 'b', 2e6),
      sampled('node_modules/x', 'c', 5e6),
      sampled('src', 'd', 3e6),
    ]);
    assert.deepEqual(
      samples.map(({ component, name, valueNs }) => [component, name, valueNs]),
      [
        ['src', 'd', 9e6],
        ['(node)', '(node)', 3e6],
        ['node_modules/x', 'node_modules/x', 5e6],
      ],
    );
  });
});
