import { strict as assert } from 'node:assert';
import type { BenchReport } from '../../../src/core/benchmark/bench-report.ts';
import { summarizeCase } from '../../../src/core/benchmark/summarize-case.ts';
import { formatComparisonDocument, formatReportDocument } from '../../../src/core/export/report-document.ts';
import { formatComparisonLine, formatReportLine, formatTimestamp } from '../../../src/editor/benchmark/report-line.ts';
import { compareNow } from '../../fixtures/benchmark.ts';

describe('benchmark report', () => {
  it('shows median and deviation of each case in one line', () => {
    assert.equal(
      formatReportLine(report(1)),
      'detection pipeline, median of 10 runs: cold 1.04 s ± 25.0 ms · no change 155 ms ± 2.5 ms',
    );
  });

  it('has a row for each case and describes the machine and commit', () => {
    const text = formatReportDocument(report(1));
    const rows = text.split('\n').filter((line) => /^\| (?:cold|no change) \|/.test(line));
    assert.equal(rows.length, 2);
    for (const row of rows) assert.equal(row.split(' | ').length, 9);
    assert.match(text, /3f9c2e1b7d04 on main, with uncommitted changes/);
    assert.match(text, /4 cores/);
  });

  it('shows the verdicts of a comparison', () => {
    const [baseline, candidate] = [report(1), report(2)];
    const comparison = compareNow(baseline, candidate);
    const text = formatComparisonDocument('main', baseline, candidate, comparison);
    assert.ok(comparison.rows.filter(({ measure }) => measure === 'wall').length === 2);
    for (const row of comparison.rows) assert.ok(text.includes(`| ${row.verdict} |`));
    assert.match(formatComparisonLine('main', comparison), /^Against “main”: cold \w+ \(\+100 %\)/);
  });

  it('escapes markup in names from git or a program', () => {
    const text = formatReportDocument(report(1, '[x](command:evil) <img src=x> `|`'));
    assert.ok(text.includes('evil'));
    assert.doesNotMatch(text, /(?<!\\)\[x\]|(?<!\\)<img/);
  });

  it('formats times for file names', () => {
    assert.equal(formatTimestamp('2026-11-20T14:02:11.042Z'), '20261120-140211');
  });
});

function report(factor: number, branch = 'main'): BenchReport {
  const runs = (startNs: number, stepNs: number) =>
    Array.from({ length: 10 }, (_, index) => ({
      wallNs: factor * (startNs + index * stepNs),
      userNs: 1e6,
      systemNs: 1e6,
      exitCode: 0,
      peakRssBytes: 1e8,
    }));
  return {
    schema: 'pipescope-bench/1',
    benchmark: 'detection pipeline',
    pipeline: 'detection',
    workspace: '/w',
    at: '2026-11-20T14:02:11.000Z',
    machine: { platform: 'linux x64', cpu: 'A CPU', cores: 4, memoryBytes: 8e9, node: '24.21.0', load: 0.5 },
    git: { commit: '3f9c2e1b7d04a58c6f2e9b1a0d3c5e7f81924ab6', branch, dirty: true },
    warmup: 1,
    method: 'without-probe',
    cases: [summarizeCase('cold', runs(1e9, 1e7)), summarizeCase('no change', runs(150e6, 1e6))],
  };
}
