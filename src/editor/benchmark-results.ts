/** Latest benchmark comparison and the benchmark history, as the panel and CodeLens show them. */
import { existsSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import * as vscode from 'vscode';
import type { ComparedReports } from '../core/benchmark/comparison-view.ts';
import type { HistoryEntry } from '../node/storage/report-store.ts';
import type { Store } from '../node/storage/store.ts';
import { defined } from '../protocol/defined.ts';
import type {
  BenchmarkState,
  BenchmarkTab,
  ComparisonState,
  ComparisonViewRow,
  HistoryState,
} from '../protocol/panel/benchmark-state.ts';
import { plural } from '../protocol/plural.ts';
import type { Log } from './log.ts';

/** Same as `storeFile` of the store, whose module is loaded only if this file exists. */
const storeFile = 'pipescope.db';

export class BenchmarkResults {
  readonly #dataFolder: string;
  readonly #log: Log;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onChange = this.#changed.event;
  #comparison: ComparisonState | undefined;
  #workspace = '';
  #history: HistoryState | undefined;
  #requestedTab: BenchmarkState['asked'];
  #tabRequests = 0;
  #isHistoryLoaded = false;

  /** @param dataFolder persists between sessions */
  constructor(dataFolder: string, log: Log) {
    this.#dataFolder = dataFolder;
    this.#log = log;
  }

  get state(): BenchmarkState {
    return defined({ comparison: this.#comparison, history: this.#history, asked: this.#requestedTab });
  }

  get comparison(): ComparisonState | undefined {
    return this.#comparison;
  }

  /** Workspace folder of the comparison. */
  get workspace(): string {
    return this.#workspace;
  }

  /** Replaces the comparison. */
  async setComparison(reports: ComparedReports): Promise<ComparisonState> {
    const [{ buildComparisonView }, { runInSlices }] = await Promise.all([
      import('../core/benchmark/comparison-view.ts'),
      import('../node/run-in-slices.ts'),
    ]);
    const state = await runInSlices(buildComparisonView(reports));
    const { workspace } = reports.candidate;
    this.#comparison = { ...state, rows: state.rows.map((row) => withAbsoluteFile(row, workspace)) };
    this.#workspace = workspace;
    this.#changed.fire();
    return this.#comparison;
  }

  clearComparison(): void {
    this.#comparison = undefined;
    this.#changed.fire();
  }

  /** Selects a tab of the panel. */
  selectTab(tab: BenchmarkTab): void {
    this.#tabRequests++;
    this.#requestedTab = { tab, turn: `${Date.now()}.${this.#tabRequests}` };
    this.#changed.fire();
  }

  /** Loads the history of earlier sessions when the panel is first shown. */
  async restoreHistory(): Promise<void> {
    if (this.#isHistoryLoaded) return;
    this.#isHistoryLoaded = true;
    if (existsSync(join(this.#dataFolder, storeFile))) await this.loadHistory();
  }

  /** Loads the history with this key, or else reloads the selected one, or else loads the latest. */
  async loadHistory(key = this.#history?.chosen): Promise<void> {
    this.#isHistoryLoaded = true;
    const [{ historyCases, findDeclines }, { runInSlices }] = await Promise.all([
      import('../core/benchmark/history.ts'),
      import('../node/run-in-slices.ts'),
    ]);
    await this.withStore(async ({ reports }) => {
      const entries = reports.histories();
      const selected = entries.find((entry) => historyKey(entry) === key) ?? entries[0];
      const runs = selected ? await runInSlices(reports.historyRuns(selected)) : [];
      this.#history = {
        choices: entries.map(historyChoice),
        chosen: selected ? historyKey(selected) : '',
        cases: historyCases(runs),
        declines: findDeclines(runs),
      };
    });
    this.#changed.fire();
  }

  /** Opens the store for the duration of `use`. */
  async withStore<T>(use: (store: Store) => T | Promise<T>): Promise<T> {
    const module = await import('../node/storage/store.ts');
    const store = new module.Store(this.#dataFolder, (line) => this.#log.warn(line));
    try {
      return await use(store);
    } finally {
      store.close();
    }
  }

  dispose(): void {
    this.#changed.dispose();
  }
}

function withAbsoluteFile(row: ComparisonViewRow, workspace: string): ComparisonViewRow {
  const { operation } = row;
  if (operation?.file === undefined || isAbsolute(operation.file)) return row;
  return { ...row, operation: { ...operation, file: join(workspace, operation.file) } };
}

/** Returns the key by which the panel selects a history. */
function historyKey({ pipeline, machine }: Pick<HistoryEntry, 'pipeline' | 'machine'>): string {
  return `${pipeline} on ${machine}`;
}

function historyChoice(entry: HistoryEntry): HistoryState['choices'][number] {
  return { key: historyKey(entry), title: entry.title, detail: `${entry.machine}, ${plural(entry.runs, 'run')}` };
}
