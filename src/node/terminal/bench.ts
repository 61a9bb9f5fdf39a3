/** `pipescope bench`: whole-process runs, saved as a baseline or compared with one. */
import type { BenchReport } from '../../core/benchmark.ts';
import { type Comparison, compareReports } from '../../core/comparison.ts';
import * as format from '../../core/format.ts';
import { reportText } from '../../core/report.ts';
import { benchmark } from '../bench.ts';
import { machineOf } from '../machine.ts';
import { Store } from '../store.ts';
import { pipelineSubject } from '../subject.ts';
import { exitCodes, type Invocation, subjectOf, wholeOf } from './invocation.ts';
import { Screen } from './screen.ts';

export async function bench(invocation: Invocation): Promise<number> {
  const { options, stdout, stderr } = invocation;
  const { pipeline, workspace, data } = subjectOf(invocation);
  const runs = wholeOf('runs', options.runs, 10, 1);
  const warmup = wholeOf('warmup', options.warmup, 1, 0);
  const store = new Store(data);
  const screen = new Screen(stderr);
  try {
    // Asked for before the runs: a name mistyped should not cost minutes.
    const baseline =
      options.against === undefined
        ? undefined
        : store.reports.baseline(options.against, { pipeline: pipeline.id, machine: machineOf() });
    const subject = pipelineSubject({ pipeline, workspace, dist: invocation.dist });
    const measure = async (): Promise<BenchReport> => {
      const [report] = await benchmark([subject], {
        dist: invocation.dist,
        alone: true,
        runs,
        warmup,
        signal: invocation.signal,
        onProgress: ({ done, total, what, remainingNs }) => {
          const left = remainingNs === undefined ? '' : `, ${format.duration(remainingNs)} left`;
          screen.status(`run ${Math.min(done + 1, total)} of ${total}: ${what}${left}`);
        },
      });
      return report as BenchReport;
    };
    const report = await measure();
    const comparison = baseline && (await confirmed(baseline, report, measure, screen));
    if (options.save !== undefined) store.reports.save(options.save, report);
    if (options.json) stdout.write(`${JSON.stringify({ report, comparison })}\n`);
    else stdout.write(reportText(report, comparison));
    if (options.save !== undefined) screen.line(`Saved as baseline “${options.save}”.`);
    return comparison?.verdict === 'regressed' ? exitCodes.failed : exitCodes.ok;
  } finally {
    store.close();
  }
}

/** A regression against a stored baseline is told only when a second series of runs finds it too. */
async function confirmed(
  baseline: BenchReport,
  report: BenchReport,
  measure: () => Promise<BenchReport>,
  screen: Screen,
): Promise<Comparison> {
  const first = compareReports(baseline, report);
  if (first.verdict !== 'regressed') return first;
  screen.line('That looks like a regression: running once more to be sure.');
  const second = compareReports(baseline, await measure());
  if (second.verdict === 'regressed') return second;
  const warning = `A first series of runs looked regressed; a second one did not (${second.verdict}).`;
  return { ...second, warnings: [...second.warnings, warning] };
}
