/** The benchmark commands: measure, compare, and save the results. */
import * as vscode from 'vscode';
import type { BenchOutput } from '../../core/export/bench-formats.ts';
import type { OverheadResult } from '../../core/export/overhead-text.ts';
import { HumanError, messageOf } from '../../core/human-error.ts';
import type { Reference } from '../../node/benchmark/reference.ts';
import type { BenchOptions } from '../../node/benchmark/run-benchmark.ts';
import type { BenchmarkKey, ReportStore } from '../../node/storage/report-store.ts';
import { defined } from '../../protocol/defined.ts';
import type { BenchmarkResults } from '../benchmark-results.ts';
import { commandIds } from '../commands/command-ids.ts';
import type { ContextKeys } from '../commands/context-keys.ts';
import type { CurrentRun } from '../current-run.ts';
import { separator } from '../escape-label.ts';
import type { Log } from '../log.ts';
import type { Panel } from '../panel/panel.ts';
import type { PipelineCatalog } from '../run/pipeline-catalog.ts';
import type { ProfileCommand } from '../run/profile-command.ts';
import type { ProgramCommands } from '../run/program-commands.ts';
import type { Settings } from '../settings.ts';
import { showMessage } from '../show-message.ts';
import type { ProgressHooks } from './benchmark-progress.ts';
import { MeasurementLock } from './measurement-lock.ts';
import type { PickedTarget } from './pick-target.ts';
import { ReportDocuments } from './report-documents.ts';

interface BenchmarkCommandsOptions {
  readonly currentRun: CurrentRun;
  readonly catalog: PipelineCatalog;
  readonly settings: Settings;
  readonly keys: ContextKeys;
  readonly log: Log;
  readonly panel: Panel;
  readonly profile: ProfileCommand;
  readonly programs: ProgramCommands;
  readonly results: BenchmarkResults;
  readonly dist: string;
}

/** Buttons of messages, with their commands. */
const actions = {
  'Save as Baseline': commandIds.saveBaseline,
  'Compare…': commandIds.compareBaseline,
  'Show Comparison': commandIds.showComparison,
  'Show Report': commandIds.showReport,
} as const;

export class BenchmarkCommands {
  readonly #options: BenchmarkCommandsOptions;
  readonly #documents = new ReportDocuments();
  #newest: BenchOutput | undefined;
  #newestTarget: PickedTarget | undefined;
  readonly #lock: MeasurementLock;

  constructor(options: BenchmarkCommandsOptions) {
    this.#options = options;
    this.#lock = new MeasurementLock(options.currentRun);
  }

  /** @throws HumanError if no benchmark was run in this window */
  get newest(): BenchOutput {
    if (this.#newest) return this.#newest;
    throw new HumanError('No benchmark results in this window yet. Run a benchmark first.');
  }

  /**
   * Runs a benchmark. Returns undefined if the user cancels.
   * @param target see `pickTarget`; without it, the user picks a target
   */
  async run(target: unknown): Promise<BenchOutput | undefined> {
    const picked = await this.#pickTarget('Run Benchmark', target);
    return picked && this.#measure(picked, async () => ({}));
  }

  /**
   * Runs a benchmark and compares it with an earlier report, or with a commit that is measured alongside.
   * @param target as for `run`, with `against`: a branch, tag, commit, baseline, file, `last` or `merge-base`
   */
  async runAgainst(target: unknown): Promise<BenchOutput | undefined> {
    const picked = await this.#pickTarget('Benchmark Against', target);
    if (!picked) return undefined;
    const { pickReference } = await import('./pick-reference.ts');
    const name = typeof target === 'object' && target !== null && 'against' in target ? target.against : undefined;
    return this.#measure(picked, async (reports, key) => {
      const reference = await pickReference(name, { workspace: picked.workspace, reports, key });
      return reference && { reference };
    });
  }

  /**
   * Saves the latest report as a baseline.
   * @param name of the baseline; without it, the user enters a name
   */
  async saveBaseline(name: unknown): Promise<void> {
    const { report } = this.newest;
    const baseline =
      typeof name === 'string'
        ? name
        : await vscode.window.showInputBox({
            title: 'Save as Baseline',
            prompt: 'Baseline name. An existing baseline with this name is replaced.',
            value: report.git?.branch ?? 'baseline',
            validateInput: (text) => (text.trim() === '' ? 'Enter a name.' : undefined),
          });
    if (baseline === undefined) return;
    await this.#options.results.withStore((store) => store.reports.saveBaseline(baseline.trim(), report));
    this.#showMessage(`Saved as baseline “${baseline.trim()}”.`, ['Compare…']);
  }

  /**
   * Compares the latest report with another report and shows the comparison. A regression is confirmed by a second series
   * of runs.
   * @param name of a baseline, path of a file or `last`; without it, the user picks a report
   */
  async compare(name: unknown): Promise<BenchOutput | undefined> {
    const { report } = this.newest;
    const { results, log } = this.#options;
    const { compareReport } = await import('./compare-report.ts');
    const output = await results.withStore(({ reports }) =>
      compareReport(name, report, {
        reports,
        target: this.#newestTarget,
        lock: this.#lock,
        benchOptions: (target, hooks) => this.#benchOptions(target, hooks),
        addToHistory: (measured) => this.#addToHistory(reports, measured),
        onNote: (line) => log.info(line),
      }),
    );
    if (output) await this.#showComparison(output);
    return output;
  }

  /** Opens the latest report, with its comparison if there is one, as a document. */
  async showReport(): Promise<void> {
    const { report, against } = this.newest;
    const [{ formatJobSummary }, { formatTimestamp }] = await Promise.all([
      import('../../core/export/github.ts'),
      import('./report-line.ts'),
    ]);
    const name = `${against ? 'comparison' : 'benchmark'}-${report.pipeline}-${formatTimestamp(report.at)}`;
    await this.#documents.open(name, formatJobSummary(report, against));
  }

  /** Removes the comparison from the panel and the lenses. */
  clearComparison(): void {
    this.#options.results.clearComparison();
    this.#options.keys.set('pipescope.hasComparison', false);
  }

  /**
   * Measures the profiler overhead. Returns undefined if the user cancels.
   * @param target as for `run`
   */
  async measureOverhead(target: unknown): Promise<readonly OverheadResult[] | undefined> {
    const picked = await this.#pickTarget('Measure Profiler Overhead', target);
    if (!picked) return undefined;
    const { title, source, workspace } = picked;
    const [{ measureOverhead }, { formatOverheadDocument, formatOverheadLine }] = await Promise.all([
      import('../../node/benchmark/measure-overhead.ts'),
      import('../../core/export/overhead-text.ts'),
    ]);
    const overheads = await this.#lock.run(`Profiler overhead on ${title}`, (hooks) =>
      measureOverhead(source, { workspace }, this.#benchOptions(picked, hooks)),
    );
    if (!overheads) return undefined;
    const lines = overheads.map(formatOverheadLine).join(separator);
    void showMessage('information', `Profiler overhead: ${lines}`);
    await this.#documents.open(`overhead-${title}`, formatOverheadDocument(title, overheads));
    return overheads;
  }

  dispose(): void {
    this.#lock.dispose();
    this.#documents.dispose();
  }

  async #pickTarget(title: string, target: unknown): Promise<PickedTarget | undefined> {
    this.#lock.assertIdle();
    const { catalog, dist, profile, programs } = this.#options;
    const { pickTarget } = await import('./pick-target.ts');
    const askCommand = () => programs.askCommand(title);
    return pickTarget(title, target, { catalog, dist, last: profile.lastLaunch, askCommand });
  }

  /** @param chooseReference returns undefined if the user cancels */
  async #measure(
    target: PickedTarget,
    chooseReference: (
      reports: ReportStore,
      key: BenchmarkKey,
    ) => Promise<{ readonly reference?: Reference } | undefined>,
  ): Promise<BenchOutput | undefined> {
    const { results, keys, settings, log } = this.#options;
    const [{ measureAndCompare }, { readBenchmarkKey }, { parseCommand }] = await Promise.all([
      import('../../node/benchmark/compare.ts'),
      import('./benchmark-key.ts'),
      import('../../node/command/parse-command.ts'),
    ]);
    const command = settings.get('benchmark.install').trim();
    const install = command === '' ? undefined : parseCommand(command);
    const { title, source, workspace } = target;
    const output = await results.withStore(async ({ reports }) => {
      const chosen = await chooseReference(reports, await readBenchmarkKey(target));
      if (!chosen) return undefined;
      const measured = await this.#lock.run(`Benchmark of ${title}`, (hooks) =>
        measureAndCompare(workspace, chosen.reference, {
          source,
          measuring: this.#benchOptions(target, hooks),
          reports,
          ...defined({ install }),
          onNote: (line) => {
            log.info(line);
            hooks.onNote(line);
          },
        }),
      );
      if (measured) this.#addToHistory(reports, measured);
      return measured;
    });
    if (!output) return undefined;
    this.#newest = output;
    this.#newestTarget = target;
    keys.set('pipescope.hasReport', true);
    if (output.against) {
      await this.#showComparison(output);
      return output;
    }
    await results.loadHistory();
    const { formatReportLine } = await import('./report-line.ts');
    this.#showMessage(formatReportLine(output.report), ['Save as Baseline', 'Compare…', 'Show Report']);
    return output;
  }

  /** A failure is only shown, so that it does not cost the result of many runs. */
  #addToHistory(reports: ReportStore, { report, against }: BenchOutput): void {
    try {
      reports.addToHistory(report, against?.comparison.verdict);
    } catch (error) {
      this.#options.log.error('Could not add the benchmark to the history', error);
      void showMessage('warning', `Could not add the benchmark to the history: ${messageOf(error)}`);
    }
  }

  #benchOptions({ needsWarmup }: PickedTarget, { signal, onProgress }: ProgressHooks): BenchOptions {
    const { settings, dist, log } = this.#options;
    const warmup = settings.get('benchmark.warmupRuns');
    return {
      dist,
      runs: settings.get('benchmark.runs') || 'auto',
      warmup: needsWarmup ? Math.max(1, warmup) : warmup,
      signal,
      log: (line) => log.info(line),
      onProgress,
    };
  }

  /** Shows a comparison in the panel, in the editors and in a message. */
  async #showComparison(output: BenchOutput): Promise<void> {
    const { report: candidate, against } = output;
    if (!against) return;
    const { results, keys, panel } = this.#options;
    this.#newest = output;
    const { name, report: baseline, comparison } = against;
    await results.setComparison({ name, baseline, candidate, comparison });
    await results.loadHistory();
    keys.set('pipescope.hasComparison', true);
    results.selectTab('compare');
    panel.open({ preserveFocus: true });
    const { formatComparisonLine } = await import('./report-line.ts');
    this.#showMessage(formatComparisonLine(name, comparison), ['Show Comparison', 'Save as Baseline', 'Show Report']);
  }

  /** Does not await the message, because it may stay open for hours. */
  #showMessage(line: string, buttons: readonly (keyof typeof actions)[]): void {
    void showMessage('information', line, { buttons }).then((answer) => {
      const button = buttons.find((candidate) => candidate === answer);
      if (button) void vscode.commands.executeCommand(actions[button]);
    });
  }
}
