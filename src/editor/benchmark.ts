/** Measures whole runs of a pipeline with progress and an end at any time, and keeps or compares what came out. */
import * as vscode from 'vscode';
import type { BenchReport } from '../core/benchmark.ts';
import { HumanError } from '../core/error.ts';
import { duration } from '../core/format.ts';
import type { Pipeline } from '../node/launch.ts';
import type { Store } from '../node/store.ts';
import type { Catalog } from './catalog.ts';
import type { Context } from './context.ts';
import type { Live } from './live.ts';
import type { Log } from './log.ts';
import { pickPipeline } from './profile.ts';
import { comparisonLine, reportLine, stamp } from './report.ts';
import type { Settings } from './settings.ts';
import { pickFolder } from './workspace.ts';

const scheme = 'pipescope-report';
const saveBaseline = 'Save as Baseline';
const compareBaseline = 'Compare with Baseline…';
const showReport = 'Show Report';

export interface BenchmarkOptions {
  readonly live: Live;
  readonly catalog: Catalog;
  readonly settings: Settings;
  readonly keys: Context;
  readonly log: Log;
  readonly dist: string;
  /** Folder kept between sessions. */
  readonly data: string;
}

export class Benchmark implements vscode.TextDocumentContentProvider {
  readonly #options: BenchmarkOptions;
  readonly #documents = new Map<string, string>();
  readonly #rewritten = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.#rewritten.event;
  readonly #registration: vscode.Disposable;
  #report: BenchReport | undefined;
  #measuring = false;

  constructor(options: BenchmarkOptions) {
    this.#options = options;
    this.#registration = vscode.workspace.registerTextDocumentContentProvider(scheme, this);
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.#documents.get(uri.path) ?? 'This report is no longer kept. Run the benchmark again.';
  }

  /**
   * Measures a pipeline; resolves with the report, or with `undefined` when it was cancelled.
   * @param wanted id of a pipeline, or a row of the view that carries one
   */
  async run(wanted: unknown): Promise<BenchReport | undefined> {
    if (this.#measuring) throw new HumanError('A benchmark is under way. Cancel it, or wait for its end.');
    if (this.#options.live.busy) throw new HumanError('A profiled run would disturb the benchmark. Stop it first.');
    const entry = await pickPipeline(this.#options.catalog, 'Benchmark', wanted);
    if (!entry) return undefined;
    const folder = entry.folder ?? (await pickFolder());
    if (folder === undefined) return undefined;
    this.#measuring = true;
    try {
      const report = await this.#measure(entry.pipeline, folder);
      if (!report) return undefined;
      this.#report = report;
      this.#options.keys.set('pipescope.hasReport', true);
      this.#offer(reportLine(report));
      return report;
    } finally {
      this.#measuring = false;
    }
  }

  /**
   * Keeps the newest report under a name.
   * @param wanted the name, where it is not to be asked for
   */
  async save(wanted: unknown): Promise<void> {
    const report = this.#newest();
    const name =
      typeof wanted === 'string'
        ? wanted
        : await vscode.window.showInputBox({
            title: 'Save as Baseline',
            prompt: 'Name of the baseline; one of the same name is replaced',
            value: report.git?.branch ?? 'baseline',
            validateInput: (text) => (text.trim() === '' ? 'A baseline needs a name.' : undefined),
          });
    if (name === undefined) return;
    await this.#store((store) => store.reports.save(name.trim(), report));
    this.#offer(`Saved as baseline "${name.trim()}".`);
  }

  /**
   * Compares the newest report with a kept one, and opens the comparison.
   * @param wanted name of the baseline, where it is not to be asked for
   */
  async compare(wanted: unknown): Promise<void> {
    const candidate = this.#newest();
    const name = typeof wanted === 'string' ? wanted : await this.#pickBaseline(candidate);
    if (name === undefined) return;
    const baseline = await this.#store((store) => store.reports.baseline(name, candidate));
    const [{ compareReports }, { comparisonDocument }] = await Promise.all([
      import('../core/comparison.ts'),
      import('../core/export/document.ts'),
    ]);
    const comparison = compareReports(baseline, candidate);
    void vscode.window.showInformationMessage(comparisonLine(name, comparison));
    await this.#open(`comparison-${candidate.pipeline}`, comparisonDocument(name, baseline, candidate, comparison));
  }

  async show(): Promise<void> {
    const report = this.#newest();
    const { reportDocument } = await import('../core/export/document.ts');
    await this.#open(`benchmark-${report.pipeline}-${stamp(report.at)}`, reportDocument(report));
  }

  dispose(): void {
    this.#registration.dispose();
    this.#rewritten.dispose();
  }

  async #measure(pipeline: Pipeline, workspace: string): Promise<BenchReport | undefined> {
    const { settings, dist, log } = this.#options;
    const [{ benchmark }, { pipelineSubject }] = await Promise.all([
      import('../node/bench.ts'),
      import('../node/subject.ts'),
    ]);
    const title = `Benchmark of ${pipeline.title}`;
    const where = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
    return vscode.window.withProgress(where, async (progress, token) => {
      const end = new AbortController();
      token.onCancellationRequested(() => end.abort());
      let shown = 0;
      try {
        const [report] = await benchmark([pipelineSubject({ pipeline, workspace, dist })], {
          dist,
          runs: settings.get('benchmark.runs'),
          warmup: settings.get('benchmark.warmupRuns'),
          signal: end.signal,
          log: (line) => log.info(line),
          onProgress: ({ done, total, what, remainingNs }) => {
            const left = remainingNs === undefined ? '' : `, ${duration(remainingNs)} left`;
            const percent = (100 * done) / total;
            progress.report({ message: `${done} of ${total} · ${what}${left}`, increment: percent - shown });
            shown = percent;
          },
        });
        return report;
      } catch (error) {
        if (end.signal.aborted) return undefined;
        throw error;
      }
    });
  }

  #newest(): BenchReport {
    if (this.#report) return this.#report;
    throw new HumanError('No benchmark was run in this window yet. Run one first.');
  }

  async #pickBaseline(candidate: BenchReport): Promise<string | undefined> {
    const baselines = await this.#store((store) => store.reports.baselines());
    const fitting = baselines.filter(({ pipeline }) => pipeline === candidate.pipeline);
    if (fitting.length === 0) {
      throw new HumanError(`No baseline of ${candidate.pipeline} is kept yet. Save this result as one first.`);
    }
    const picked = await vscode.window.showQuickPick(
      fitting.map(({ name, at }) => ({ label: name, description: at })),
      { title: 'Compare with Baseline', placeHolder: 'Baseline to compare with' },
    );
    return picked?.label;
  }

  async #store<T>(use: (store: Store) => T): Promise<T> {
    const module = await import('../node/store.ts');
    const store = new module.Store(this.#options.data, (line) => this.#options.log.warn(line));
    try {
      return use(store);
    } finally {
      store.close();
    }
  }

  /** Not waited for: a message may stay for hours. */
  #offer(line: string): void {
    void vscode.window.showInformationMessage(line, saveBaseline, compareBaseline, showReport).then((answer) => {
      if (answer === saveBaseline) void vscode.commands.executeCommand('pipescope.saveBaseline');
      if (answer === compareBaseline) void vscode.commands.executeCommand('pipescope.compareBaseline');
      if (answer === showReport) void vscode.commands.executeCommand('pipescope.showReport');
    });
  }

  async #open(name: string, text: string): Promise<void> {
    const uri = vscode.Uri.from({ scheme, path: `/${name}.md` });
    this.#documents.set(uri.path, text);
    this.#rewritten.fire(uri);
    await vscode.commands.executeCommand('markdown.showPreview', uri);
  }
}
