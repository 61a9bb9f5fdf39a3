/** Measures a target and compares it with a saved report, with another commit, or with itself. */
import type { BenchReport } from '../../core/benchmark/bench-report.ts';
import { type CompareOptions, type Comparison, compareReports } from '../../core/benchmark/comparison.ts';
import { confirmRegressions, withoutConfirmation } from '../../core/benchmark/confirm-regressions.ts';
import { findDeclines, toHistoryRun } from '../../core/benchmark/history.ts';
import type { BenchOutput } from '../../core/export/bench-formats.ts';
import { messageOf } from '../../core/human-error.ts';
import { median } from '../../core/statistics/statistics.ts';
import { defined } from '../../protocol/defined.ts';
import type { Argv } from '../command/parse-command.ts';
import { runInSlices } from '../run-in-slices.ts';
import type { ReportStore } from '../storage/report-store.ts';
import type { Reference } from './reference.ts';
import { type BenchOptions, benchmark } from './run-benchmark.ts';
import { type TargetSource, targetOf } from './target.ts';
import { checkOut } from './worktree.ts';

export interface CompareTools {
  readonly source: TargetSource;
  readonly measuring: BenchOptions;
  readonly reports: ReportStore;
  /** Command that prepares a checked-out commit. Without it, the dependencies of its lock file are installed. */
  readonly install?: Argv;
  /** Receives a sentence about each step between the runs. */
  readonly onNote: (line: string) => void;
}

/** Benchmarks the source in a workspace. Rejects like `benchmark`; a checked-out commit is removed in any case. */
export async function measureAndCompare(
  workspace: string,
  reference: Reference | undefined,
  tools: CompareTools,
): Promise<BenchOutput> {
  const target = targetOf(tools.source, { workspace });
  if (reference?.kind === 'commit') return measureBesideCommit(workspace, reference, tools);
  const measure = async (): Promise<BenchReport> => {
    const [report] = await benchmark([target], tools.measuring);
    return report as BenchReport;
  };
  const report = await measure();
  return reference ? compareWithReport(reference, report, measure, tools) : { report };
}

/**
 * Compares a report with one that was measured at another time. A regression must be confirmed by a second series of runs,
 * because the machine may have changed since then.
 * @param measureAgain measures the second series; resolves with undefined if the user cancels it
 */
export async function compareWithReport(
  reference: Reference & { readonly kind: 'report' },
  report: BenchReport,
  measureAgain: () => Promise<BenchReport | undefined>,
  tools: Pick<CompareTools, 'reports' | 'onNote'> & { readonly measuring?: Pick<BenchOptions, 'signal'> },
): Promise<BenchOutput> {
  const first = await tryToCompare(reference.report, report, tools);
  if (!first) return { report };
  if (first.verdict !== 'regressed') return { report, against: { ...reference, comparison: first } };
  tools.onNote('This looks like a regression. Measuring again to confirm it.');
  const again = await measureAgain();
  if (!again) return { report, against: { ...reference, comparison: withoutConfirmation(first) } };
  const second = await tryToCompare(reference.report, again, tools);
  if (!second) return { report: again };
  return { report: again, against: { ...reference, comparison: confirmRegressions(first, second) } };
}

/** Compares two reports. If that fails, prints the reason and returns undefined, so that the measured runs are not lost. */
async function tryToCompare(
  baseline: BenchReport,
  report: BenchReport,
  tools: Pick<CompareTools, 'reports' | 'onNote'> & { readonly measuring?: Pick<BenchOptions, 'signal'> },
): Promise<Comparison | undefined> {
  try {
    return await compareWithHistory(baseline, report, tools);
  } catch (error) {
    if (tools.measuring?.signal?.aborted) throw error;
    tools.onNote(`The result could not be compared: ${messageOf(error)}`);
    return undefined;
  }
}

/** Compares two reports using this machine's noise floors. Adds gradual declines over the history to the regressions. */
export async function compareWithHistory(
  baseline: BenchReport,
  report: BenchReport,
  { reports, measuring }: { readonly reports: ReportStore; readonly measuring?: Pick<BenchOptions, 'signal'> },
): Promise<Comparison> {
  const options: CompareOptions = { floors: reports.noiseFloors(report) };
  const comparison = await runInSlices(compareReports(baseline, report, options), measuring?.signal);
  const runs = await runInSlices(reports.historyRuns(report), measuring?.signal);
  // The history may already contain the report itself.
  const earlier = runs.filter(({ at }) => at !== report.at);
  return {
    ...comparison,
    regressions: [...comparison.regressions, ...findDeclines([...earlier, toHistoryRun(report)])],
  };
}

async function measureBesideCommit(
  workspace: string,
  { name, commit }: Reference & { kind: 'commit' },
  { source, measuring, reports, install, onNote }: CompareTools,
): Promise<BenchOutput> {
  const tree = await checkOut(workspace, commit, {
    dist: measuring.dist,
    ...defined({ install, signal: measuring.signal }),
    onProgress: onNote,
  });
  try {
    onNote(`${name} (${commit.slice(0, 9)}): ${tree.prepared}`);
    const targets = [targetOf(source, { name, workspace: tree.folder }), targetOf(source, { workspace })] as const;
    const [before, after] = await benchmark(targets, measuring);
    const report = after as BenchReport;
    // The worktree is deleted afterwards, so the report names the workspace instead.
    const baseline = { ...(before as BenchReport), workspace: report.workspace };
    const comparison = await tryToCompare(baseline, report, { reports, measuring, onNote });
    return comparison ? { report, against: { name, report: baseline, comparison } } : { report };
  } finally {
    await tree.remove();
  }
}

/** Measures a target against itself in interleaved runs and stores the difference as this machine's noise. */
export async function measureNoise(workspace: string, tools: CompareTools): Promise<BenchOutput> {
  const { source, measuring, reports } = tools;
  const targets = [targetOf(source, { name: 'A', workspace }), targetOf(source, { name: 'again', workspace })] as const;
  const [first, second] = await benchmark(targets, measuring);
  const [before, report] = [first as BenchReport, second as BenchReport];
  for (const { name, samplesNs } of report.cases) {
    const same = before.cases.find((benchCase) => benchCase.name === name);
    if (same) reports.addSpread(report, name, Math.abs(median([...samplesNs]) / median([...same.samplesNs]) - 1));
  }
  const comparison = await runInSlices(compareReports(before, report), measuring.signal);
  return { report, against: { name: 'the same', report: before, comparison } };
}
