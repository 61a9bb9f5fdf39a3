/** Measures a subject and, where asked, compares it: with what is kept, with another commit beside it, or with itself. */
import type { BenchReport } from '../../core/benchmark/bench-report.ts';
import { type CompareOptions, type Comparison, comparing } from '../../core/benchmark/comparison.ts';
import { declinesOf, pastRun } from '../../core/benchmark/history.ts';
import type { Benched } from '../../core/export/bench-formats.ts';
import { median } from '../../core/statistics/statistics.ts';
import { defined } from '../../protocol/defined.ts';
import type { Reports } from '../storage/report-store.ts';
import { inSlices } from './cooperative.ts';
import type { Prepare } from './prepare.ts';
import type { Against } from './reference.ts';
import { type BenchOptions, benchmark } from './run-benchmark.ts';
import type { Subject } from './target.ts';
import { checkOut } from './worktree.ts';

/** The same on another folder, where that stands for the workspace. */
export type SubjectOf = (name: string, folder: string) => Subject;

export interface CompareTools {
  readonly measuring: BenchOptions;
  readonly reports: Reports;
  readonly subject: SubjectOf;
  /** Makes another commit ready to run; without it what its lock file says is installed. */
  readonly install?: Prepare;
  /** Hears in a sentence what happens between the runs. */
  readonly onNote: (line: string) => void;
}

/** Rejects as `benchmark` does; what was checked out is removed again in any case. */
export async function measured(workspace: string, against: Against | undefined, tools: CompareTools): Promise<Benched> {
  const own = tools.subject('now', workspace);
  if (against?.kind === 'commit') return besideCommit(own, against, tools);
  const once = async (): Promise<BenchReport> => {
    const [report] = await benchmark([own], tools.measuring);
    return report as BenchReport;
  };
  const report = await once();
  if (!against) return { report };
  const first = await compared(against.report, report, tools);
  if (first.verdict !== 'regressed') return { report, against: { ...against, comparison: first } };
  // Runs at another time are not interleaved: what looks regressed is told only when it is seen twice.
  tools.onNote('That looks like a regression: running once more to be sure.');
  const again = await once();
  const comparison = confirmed(await compared(against.report, again, tools));
  return { report: again, against: { ...against, comparison } };
}

function confirmed(second: Comparison): Comparison {
  if (second.verdict === 'regressed') return second;
  const warning = `A first series of runs looked regressed; a second one did not (${second.verdict}).`;
  return { ...second, warnings: [...second.warnings, warning] };
}

/** With what is kept of this machine's noise; what declines over the history stands among the regressions. */
export async function compared(
  baseline: BenchReport,
  report: BenchReport,
  { reports, measuring }: { readonly reports: Reports; readonly measuring?: Pick<BenchOptions, 'signal'> },
): Promise<Comparison> {
  const options: CompareOptions = { floors: reports.floors(report) };
  const comparison = await inSlices(comparing(baseline, report, options), measuring?.signal);
  const runs = await inSlices(reports.runs(report), measuring?.signal);
  // The newest may be among them already.
  const earlier = runs.filter(({ at }) => at !== report.at);
  return { ...comparison, regressions: [...comparison.regressions, ...declinesOf([...earlier, pastRun(report)])] };
}

async function besideCommit(
  own: Subject,
  { name, commit }: Against & { kind: 'commit' },
  { measuring, reports, subject, install, onNote }: CompareTools,
): Promise<Benched> {
  const tree = await checkOut(own.workspace, commit, {
    ...defined({ install, signal: measuring.signal }),
    onProgress: onNote,
  });
  try {
    onNote(`${name} (${commit.slice(0, 9)}): ${tree.prepared}`);
    const [before, after] = await benchmark([subject(name, tree.folder), own], measuring);
    const report = after as BenchReport;
    // The worktree's folder is gone afterwards: it stands for this workspace.
    const baseline = { ...(before as BenchReport), workspace: report.workspace };
    return { report, against: { name, report: baseline, comparison: await compared(baseline, report, { reports }) } };
  } finally {
    await tree.remove();
  }
}

/** Interleaved runs of the same: what they differ by is this machine's noise for this benchmark, and is remembered. */
export async function sameAgainstSame(workspace: string, tools: CompareTools): Promise<Benched> {
  const { measuring, reports, subject } = tools;
  const [one, other] = await benchmark([subject('A', workspace), subject('again', workspace)], measuring);
  const [before, report] = [one as BenchReport, other as BenchReport];
  for (const { name, samplesNs } of report.cases) {
    const same = before.cases.find((found) => found.name === name);
    if (same) reports.addSpread(report, name, Math.abs(median([...samplesNs]) / median([...same.samplesNs]) - 1));
  }
  const comparison = await inSlices(comparing(before, report), measuring.signal);
  return { report, against: { name: 'the same', report: before, comparison } };
}
