/** What benchmarks have found: the newest comparison and the history, for the panel and the lens to read. */
import { existsSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import * as vscode from 'vscode';
import type { Compared } from '../core/benchmark/comparison-view.ts';
import type { HistoryName } from '../node/storage/report-store.ts';
import type { Store } from '../node/storage/store.ts';
import type {
  BenchmarkState,
  BenchmarkTab,
  ComparedRow,
  ComparisonState,
  HistoryState,
} from '../protocol/benchmark-state.ts';
import { defined } from '../protocol/defined.ts';
import type { Log } from './log.ts';

/** As `storeFile` of the store, which is loaded when there is something in it. */
const file = 'pipescope.db';

export class Results {
  readonly #data: string;
  readonly #log: Log;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onChange = this.#changed.event;
  #comparison: ComparisonState | undefined;
  #workspace = '';
  #history: HistoryState | undefined;
  #asked: BenchmarkState['asked'];
  #turns = 0;
  #recalled = false;

  /** @param data folder kept between sessions */
  constructor(data: string, log: Log) {
    this.#data = data;
    this.#log = log;
  }

  get state(): BenchmarkState {
    return defined({ comparison: this.#comparison, history: this.#history, asked: this.#asked });
  }

  get comparison(): ComparisonState | undefined {
    return this.#comparison;
  }

  /** Folder that was compared. */
  get workspace(): string {
    return this.#workspace;
  }

  /** Shows a comparison in place of the one before. */
  async take(compared: Compared): Promise<ComparisonState> {
    const [{ comparisonState }, { inSlices }] = await Promise.all([
      import('../core/benchmark/comparison-view.ts'),
      import('../node/benchmark/cooperative.ts'),
    ]);
    const state = await inSlices(comparisonState(compared));
    const { workspace } = compared.candidate;
    this.#comparison = { ...state, rows: state.rows.map((row) => placed(row, workspace)) };
    this.#workspace = workspace;
    this.#changed.fire();
    return this.#comparison;
  }

  clear(): void {
    this.#comparison = undefined;
    this.#changed.fire();
  }

  /** Brings a tab of the panel to the front. */
  ask(tab: BenchmarkTab): void {
    this.#turns++;
    this.#asked = { tab, turn: `${Date.now()}.${this.#turns}` };
    this.#changed.fire();
  }

  /** Reads the history of earlier sessions, once, when someone looks. */
  async recall(): Promise<void> {
    if (this.#recalled) return;
    this.#recalled = true;
    if (existsSync(join(this.#data, file))) await this.read();
  }

  /** Reads the history anew: that of `wanted`, else the one that is shown, else the newest. */
  async read(wanted = this.#history?.chosen): Promise<void> {
    this.#recalled = true;
    const [{ pastCases, declinesOf }, { inSlices }] = await Promise.all([
      import('../core/benchmark/history.ts'),
      import('../node/benchmark/cooperative.ts'),
    ]);
    await this.store(async ({ reports }) => {
      const names = reports.histories();
      const chosen = names.find((name) => keyOf(name) === wanted) ?? names[0];
      const runs = chosen ? await inSlices(reports.runs(chosen)) : [];
      this.#history = {
        choices: names.map(choiceOf),
        chosen: chosen ? keyOf(chosen) : '',
        cases: pastCases(runs),
        declines: declinesOf(runs),
      };
    });
    this.#changed.fire();
  }

  /** Opens what is kept for as long as it is used. */
  async store<T>(use: (store: Store) => T | Promise<T>): Promise<T> {
    const module = await import('../node/storage/store.ts');
    const store = new module.Store(this.#data, (line) => this.#log.warn(line));
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

function placed(row: ComparedRow, workspace: string): ComparedRow {
  const { operation } = row;
  if (operation?.file === undefined || isAbsolute(operation.file)) return row;
  return { ...row, operation: { ...operation, file: join(workspace, operation.file) } };
}

/** Names a history: what the panel sends back to choose it. */
export function keyOf({ pipeline, machine }: Pick<HistoryName, 'pipeline' | 'machine'>): string {
  return `${pipeline} on ${machine}`;
}

function choiceOf(name: HistoryName): HistoryState['choices'][number] {
  const runs = `${name.runs} ${name.runs === 1 ? 'run' : 'runs'}`;
  return { key: keyOf(name), title: name.title, detail: `${name.machine}, ${runs}` };
}
