import { strict as assert } from 'node:assert';
import { type BenchReport, summarize } from '../../../src/core/benchmark/bench-report.ts';
import { comparisonDocument, reportDocument } from '../../../src/core/export/report-document.ts';
import { comparisonLine, reportLine, stamp } from '../../../src/editor/benchmark/report-line.ts';
import { compareReports } from '../../fixtures/benchmark.ts';

describe('report', () => {
  it('says median and spread of each case in one line', () => {
    assert.equal(
      reportLine(report(1)),
      'detection pipeline, median of 10 runs: cold 1.04 s ± 25.0 ms · no change 155 ms ± 2.5 ms',
    );
  });

  it('writes a row for each case, and where it was measured', () => {
    const text = reportDocument(report(1));
    const rows = text.split('\n').filter((line) => /^\| (?:cold|no change) \|/.test(line));
    assert.equal(rows.length, 2);
    for (const row of rows) assert.equal(row.split(' | ').length, 8);
    assert.match(text, /3f9c2e1b7d04 on main, with uncommitted changes/);
    assert.match(text, /4 cores/);
  });

  it('writes the verdict of a comparison with its reason', () => {
    const [baseline, candidate] = [report(1), report(2)];
    const comparison = compareReports(baseline, candidate);
    const text = comparisonDocument('main', baseline, candidate, comparison);
    assert.ok(comparison.rows.filter(({ measure }) => measure === 'wall').length === 2);
    for (const row of comparison.rows) assert.ok(text.includes(`| ${row.verdict} |`));
    assert.match(comparisonLine('main', comparison), /^Against "main": cold \w+ \(\+100 %\)/);
  });

  it('leaves no markup in a name that git or a program gave', () => {
    const text = reportDocument(report(1, '[x](command:evil) <img src=x> `|`'));
    assert.ok(text.includes('evil'));
    assert.doesNotMatch(text, /(?<!\\)\[x\]|(?<!\\)<img/);
  });

  it('writes a time that any file system takes', () => {
    assert.equal(stamp('2026-11-20T14:02:11.042Z'), '20261120-140211');
  });
});

function report(factor: number, branch = 'main'): BenchReport {
  const runs = (startNs: number, stepNs: number) =>
    Array.from({ length: 10 }, (_, at) => ({ wallNs: factor * (startNs + at * stepNs), cpuNs: 1, peakRssBytes: 1e8 }));
  return {
    schema: 'pipescope-bench/1',
    benchmark: 'detection pipeline',
    pipeline: 'detection',
    workspace: '/w',
    at: '2026-11-20T14:02:11.000Z',
    machine: { platform: 'linux x64', cpu: 'A CPU', cores: 4, memoryBytes: 8e9, node: '24.21.0', load: 0.5 },
    git: { commit: '3f9c2e1b7d04a58c6f2e9b1a0d3c5e7f81924ab6', branch, dirty: true },
    warmup: 1,
    cases: [summarize('cold', runs(1e9, 1e7)), summarize('no change', runs(150e6, 1e6))],
  };
}
