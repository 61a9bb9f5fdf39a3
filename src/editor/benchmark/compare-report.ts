/** Compares the latest report of this window with another report. Loaded when it is first needed. */
import type { BenchReport } from '../../core/benchmark/bench-report.ts';
import type { BenchOutput } from '../../core/export/bench-formats.ts';
import { HumanError } from '../../core/human-error.ts';
import { compareWithReport, measureAndCompare } from '../../node/benchmark/compare.ts';
import type { BenchOptions } from '../../node/benchmark/run-benchmark.ts';
import type { ReportStore } from '../../node/storage/report-store.ts';
import type { ProgressHooks } from './benchmark-progress.ts';
import type { MeasurementLock } from './measurement-lock.ts';
import { pickReference } from './pick-reference.ts';
import type { PickedTarget } from './pick-target.ts';

interface CompareReportOptions {
  readonly reports: ReportStore;
  /** Target of the report, which is measured again to confirm a regression. */
  readonly target: PickedTarget | undefined;
  readonly lock: MeasurementLock;
  readonly benchOptions: (target: PickedTarget, hooks: ProgressHooks) => BenchOptions;
  readonly addToHistory: (output: BenchOutput) => void;
  readonly onNote: (line: string) => void;
}

/**
 * Resolves with undefined if the user cancels.
 * @param name see `pickReference`
 */
export async function compareReport(
  name: unknown,
  report: BenchReport,
  options: CompareReportOptions,
): Promise<BenchOutput | undefined> {
  const { reports, onNote } = options;
  const reference = await pickReference(name, {
    workspace: report.workspace,
    reports,
    key: report,
    measured: report,
  });
  if (!reference) return undefined;
  if (reference.kind === 'commit') {
    throw new HumanError('An existing report cannot be compared with a commit. Use “Benchmark Against…” instead.');
  }
  const output = await compareWithReport(reference, report, () => measureAgain(options), { reports, onNote });
  if (!output.against) throw new HumanError('The reports could not be compared. See the log for the reason.');
  reports.setVerdict(output.report, output.against.comparison.verdict);
  return output;
}

/** Resolves with undefined if the user cancels. */
async function measureAgain(options: CompareReportOptions): Promise<BenchReport | undefined> {
  const { target, lock, reports, benchOptions, addToHistory } = options;
  if (!target) return undefined;
  const { title, source, workspace } = target;
  const output = await lock.run(`Confirming the regression of ${title}`, (hooks) =>
    measureAndCompare(workspace, undefined, {
      source,
      measuring: benchOptions(target, hooks),
      reports,
      onNote: hooks.onNote,
    }),
  );
  if (output) addToHistory(output);
  return output?.report;
}
