/** Measures again and again, compares, and keeps what came out: what the commands of benchmarks do. */
import * as vscode from 'vscode';
import type { Benched } from '../../core/export/bench-formats.ts';
import type { Cost } from '../../core/export/overhead-text.ts';
import { HumanError } from '../../core/human-error.ts';
import type { CompareTools } from '../../node/benchmark/compare.ts';
import type { Against } from '../../node/benchmark/reference.ts';
import type { BenchOptions } from '../../node/benchmark/run-benchmark.ts';
import type { Key } from '../../node/storage/report-store.ts';
import type { Results } from '../benchmark-results.ts';
import type { Context } from '../commands/context-keys.ts';
import type { Live } from '../current-run.ts';
import type { Log } from '../log.ts';
import type { Panel } from '../panel/panel.ts';
import type { Catalog } from '../run/pipeline-catalog.ts';
import type { Profile } from '../run/profile-command.ts';
import type { Programs } from '../run/program-commands.ts';
import type { Settings } from '../settings.ts';
import { type Measuring, withProgress } from './benchmark-progress.ts';
import type { Work } from './pick-target.ts';
import { comparisonLine, reportLine, stamp } from './report-line.ts';

const scheme = 'pipescope-report';

export interface BenchmarkOptions {
  readonly live: Live;
  readonly catalog: Catalog;
  readonly settings: Settings;
  readonly keys: Context;
  readonly log: Log;
  readonly panel: Panel;
  readonly profile: Profile;
  readonly programs: Programs;
  readonly results: Results;
  readonly dist: string;
}

/** What a message offers, and the command behind it. */
const offers = {
  'Save as Baseline': 'pipescope.saveBaseline',
  'Compare…': 'pipescope.compareBaseline',
  'Show Comparison': 'pipescope.showComparison',
  'Show Report': 'pipescope.showReport',
} as const;

export class Benchmark implements vscode.TextDocumentContentProvider {
  readonly #options: BenchmarkOptions;
  readonly #documents = new Map<string, string>();
  readonly #rewritten = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.#rewritten.event;
  readonly #registration: vscode.Disposable;
  #newest: Benched | undefined;
  /** Of the measurement under way. */
  #end: AbortController | undefined;

  constructor(options: BenchmarkOptions) {
    this.#options = options;
    this.#registration = vscode.workspace.registerTextDocumentContentProvider(scheme, this);
  }

  /** @throws HumanError when nothing was measured in this window */
  get newest(): Benched {
    if (this.#newest) return this.#newest;
    throw new HumanError('No benchmark was run in this window yet. Run one first.');
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.#documents.get(uri.path) ?? 'This report is no longer kept. Run the benchmark again.';
  }

  /**
   * Measures; resolves with the report, or with `undefined` when the choice was given up or the runs were cancelled.
   * @param wanted id of a pipeline, a row of the view that carries one, or what `pickWork` takes
   */
  async run(wanted: unknown): Promise<Benched | undefined> {
    const work = await this.#pick('Run Benchmark', wanted);
    return work && this.#measured(work, async () => ({}));
  }

  /**
   * Measures beside another commit, or measures and compares with what is kept.
   * @param wanted as that of `run`, with `against`: a branch, a tag, a commit, a baseline, a file, `last` or `merge-base`
   */
  async against(wanted: unknown): Promise<Benched | undefined> {
    const work = await this.#pick('Benchmark Against', wanted);
    if (!work) return undefined;
    const { pickAgainst } = await import('./pick-reference.ts');
    const named = typeof wanted === 'object' && wanted !== null && 'against' in wanted ? wanted.against : undefined;
    return this.#measured(work, async (reports, key) => {
      const against = await pickAgainst(named, { workspace: work.workspace, reports, key });
      return against && { against };
    });
  }

  /**
   * Keeps the newest report under a name.
   * @param wanted the name, where it is not to be asked for
   */
  async save(wanted: unknown): Promise<void> {
    const { report } = this.newest;
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
    await this.#options.results.store((store) => store.reports.save(name.trim(), report));
    this.#offer(`Saved as baseline "${name.trim()}".`, ['Compare…']);
  }

  /**
   * Compares the newest report with one that is kept, and shows it.
   * @param wanted name of the baseline, path of a file or `last`, where it is not to be asked for
   */
  async compare(wanted: unknown): Promise<Benched | undefined> {
    const { report } = this.newest;
    const { results } = this.#options;
    const [{ pickAgainst }, { compared }] = await Promise.all([
      import('./pick-reference.ts'),
      import('../../node/benchmark/compare.ts'),
    ]);
    const benched = await results.store(async ({ reports }): Promise<Benched | undefined> => {
      const { workspace } = report;
      const against = await pickAgainst(wanted, { workspace, reports, key: report, measured: report });
      if (!against) return undefined;
      if (against.kind === 'commit') throw new HumanError('A commit is measured beside it: run “Benchmark Against…”.');
      const comparison = await compared(against.report, report, { reports });
      reports.judge(report, comparison.verdict);
      return { report, against: { ...against, comparison } };
    });
    if (benched) await this.#show(benched);
    return benched;
  }

  /** Opens the newest report, with its comparison where there is one, as a document. */
  async report(): Promise<void> {
    const { report, against } = this.newest;
    const { jobSummary } = await import('../../core/export/github.ts');
    const name = `${against ? 'comparison' : 'benchmark'}-${report.pipeline}-${stamp(report.at)}`;
    await this.#open(name, jobSummary(report, against));
  }

  /** Forgets the comparison: in the panel and above the functions. */
  clear(): void {
    this.#options.results.clear();
    this.#options.keys.set('pipescope.hasComparison', false);
  }

  /**
   * Measures what the profiler costs; resolves with `undefined` when the choice was given up or the runs were cancelled.
   * @param wanted as that of `run`
   */
  async overhead(wanted: unknown): Promise<readonly Cost[] | undefined> {
    const work = await this.#pick('Measure Profiler Overhead', wanted);
    if (!work) return undefined;
    const [{ measureOverhead }, { costDocument, costLine }] = await Promise.all([
      import('../../node/benchmark/measure-overhead.ts'),
      import('../../core/export/overhead-text.ts'),
    ]);
    const costs = await this.#alone(`Profiler overhead on ${work.title}`, (measuring) =>
      measureOverhead(
        (name, bare) => (bare ? work.bare : work.subject)(name, work.workspace),
        this.#measuring(work, measuring),
      ),
    );
    if (!costs) return undefined;
    void vscode.window.showInformationMessage(`Profiler overhead. ${costs.map(costLine).join(' · ')}`);
    await this.#open(`overhead-${work.title}`, costDocument(work.title, costs));
    return costs;
  }

  dispose(): void {
    this.#end?.abort();
    this.#registration.dispose();
    this.#rewritten.dispose();
  }

  async #pick(title: string, wanted: unknown): Promise<Work | undefined> {
    this.#checkFree();
    const { catalog, dist, profile, programs } = this.#options;
    const { pickWork } = await import('./pick-target.ts');
    return pickWork(title, wanted, { catalog, dist, last: profile.last, askCommand: () => programs.askCommand(title) });
  }

  #checkFree(): void {
    if (this.#end) throw new HumanError('A benchmark is under way. Cancel it, or wait for its end.');
    if (this.#options.live.busy) throw new HumanError('A profiled run would disturb the benchmark. Stop it first.');
  }

  /** @param choose what it is compared with; `undefined` when that choice was given up */
  async #measured(
    work: Work,
    choose: (reports: CompareTools['reports'], key: Key) => Promise<{ readonly against?: Against } | undefined>,
  ): Promise<Benched | undefined> {
    const { results, keys, settings } = this.#options;
    const [{ measured }, { keyFor }, { wordsOf }] = await Promise.all([
      import('../../node/benchmark/compare.ts'),
      import('./benchmark-key.ts'),
      import('../../node/command/parse-command.ts'),
    ]);
    const install = settings.get('benchmark.install').trim();
    const benched = await results.store(async ({ reports }) => {
      const chosen = await choose(reports, await keyFor(work));
      if (!chosen) return undefined;
      const done = await this.#alone(`Benchmark of ${work.title}`, (measuring) =>
        measured(work.workspace, chosen.against, {
          measuring: this.#measuring(work, measuring),
          reports,
          subject: work.subject,
          ...(install === '' ? {} : { install: wordsOf(install) }),
          onNote: (line) => {
            this.#options.log.info(line);
            measuring.onNote(line);
          },
        }),
      );
      if (done) reports.remember(done.report, done.against?.comparison.verdict);
      return done;
    });
    if (!benched) return undefined;
    this.#newest = benched;
    keys.set('pipescope.hasReport', true);
    if (benched.against) {
      await this.#show(benched);
      return benched;
    }
    await results.read();
    this.#offer(reportLine(benched.report), ['Save as Baseline', 'Compare…', 'Show Report']);
    return benched;
  }

  /** One measurement at a time: two would measure each other. */
  async #alone<T>(title: string, work: (measuring: Measuring) => Promise<T>): Promise<T | undefined> {
    this.#checkFree();
    const end = new AbortController();
    this.#end = end;
    try {
      return await withProgress(title, end, work);
    } finally {
      this.#end = undefined;
    }
  }

  #measuring({ needsWarmup }: Work, { signal, onProgress }: Measuring): BenchOptions {
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

  /** In the panel, the editor and a message. */
  async #show(benched: Benched): Promise<void> {
    const { report: candidate, against } = benched;
    if (!against) return;
    const { results, keys, panel } = this.#options;
    this.#newest = benched;
    const { name, report: baseline, comparison } = against;
    await results.take({ name, baseline, candidate, comparison });
    await results.read();
    keys.set('pipescope.hasComparison', true);
    results.ask('compare');
    panel.open({ preserveFocus: true });
    this.#offer(comparisonLine(name, comparison), ['Show Comparison', 'Save as Baseline', 'Show Report']);
  }

  /** Not waited for: a message may stay for hours. */
  #offer(line: string, answers: readonly (keyof typeof offers)[]): void {
    void vscode.window.showInformationMessage(line, ...answers).then((answer) => {
      const command = answers.find((one) => one === answer);
      if (command) void vscode.commands.executeCommand(offers[command]);
    });
  }

  async #open(name: string, text: string): Promise<void> {
    const uri = vscode.Uri.from({ scheme, path: `/${name.replaceAll(/[^\w.-]+/g, '-')}.md` });
    this.#documents.set(uri.path, text);
    this.#rewritten.fire(uri);
    await vscode.commands.executeCommand('markdown.showPreview', uri);
  }
}
