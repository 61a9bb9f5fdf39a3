/** Benchmarks that are kept, with all their samples: those with a name are baselines, the others are the history. */
import type { DatabaseSync } from 'node:sqlite';
import type { BenchReport, Machine } from '../../core/benchmark/bench-report.ts';
import { type PastRun, pastRun } from '../../core/benchmark/history.ts';
import type { Verdict } from '../../core/benchmark/judge-change.ts';
import { HumanError } from '../../core/human-error.ts';

/** Unnamed reports kept of each benchmark (spec S1-14); the oldest go first. */
const historyKept = 100;
/** A/A comparisons remembered of each case. */
const spreadsKept = 20;

export const reportTables = `
  CREATE TABLE IF NOT EXISTS report (
    id INTEGER PRIMARY KEY, name TEXT, pipeline TEXT NOT NULL, branch TEXT NOT NULL, machine TEXT NOT NULL,
    at TEXT NOT NULL, verdict TEXT, report TEXT NOT NULL) STRICT;
  CREATE UNIQUE INDEX IF NOT EXISTS baseline_key ON report (name, pipeline, branch, machine) WHERE name IS NOT NULL;
  CREATE TABLE IF NOT EXISTS spread (
    id INTEGER PRIMARY KEY, pipeline TEXT NOT NULL, machine TEXT NOT NULL, of TEXT NOT NULL, share REAL NOT NULL) STRICT;
`;

/** What baselines are told apart by, beside their name. */
export type Key = Pick<BenchReport, 'pipeline' | 'machine' | 'git'>;

export interface BaselineName {
  readonly name: string;
  readonly pipeline: string;
  readonly branch: string;
  readonly at: string;
}

/** One that has a history, on one machine. */
export interface HistoryName {
  readonly pipeline: string;
  readonly title: string;
  readonly machine: string;
  readonly runs: number;
  /** When its newest run was. */
  readonly at: string;
}

export interface Past {
  readonly verdict?: Verdict;
  readonly report: BenchReport;
}

export class Reports {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Keeps a report under a name, in place of an earlier one of the same name, benchmark, branch and machine. */
  save(name: string, report: BenchReport): void {
    const { pipeline, branch, machine } = columnsOf(report);
    this.#database
      .prepare('DELETE FROM report WHERE name = ? AND pipeline = ? AND branch = ? AND machine = ?')
      .run(name, pipeline, branch, machine);
    this.#insert(report, name, undefined);
  }

  /** Adds a report to the history, with what it was found to be. */
  remember(report: BenchReport, verdict?: Verdict): void {
    this.#insert(report, undefined, verdict);
    this.#database
      .prepare(
        `DELETE FROM report WHERE name IS NULL AND pipeline = ?1 AND id NOT IN
          (SELECT id FROM report WHERE name IS NULL AND pipeline = ?1 ORDER BY id DESC LIMIT ?2)`,
      )
      .run(report.pipeline, historyKept);
  }

  /** The newest first. */
  baselines(): BaselineName[] {
    const rows = this.#database
      .prepare('SELECT name, pipeline, branch, at FROM report WHERE name IS NOT NULL ORDER BY at DESC, id DESC')
      .all();
    return rows.map((row) => ({
      name: String(row['name']),
      pipeline: String(row['pipeline']),
      branch: String(row['branch']),
      at: String(row['at']),
    }));
  }

  /**
   * The baseline of a name: that of this benchmark, branch and machine where there is one, else the nearest by these
   * in their order. Nothing where no benchmark has one of that name.
   */
  find(name: string, key: Key): BenchReport | undefined {
    const { pipeline, branch, machine } = columnsOf(key);
    const row = this.#database
      .prepare(
        `SELECT report FROM report WHERE name = ? AND pipeline = ?
         ORDER BY machine = ? DESC, branch = ? DESC, at DESC LIMIT 1`,
      )
      .get(name, pipeline, machine, branch);
    return row && read(row);
  }

  /** As `find`; throws a HumanError that names those there are. */
  baseline(name: string, key: Key): BenchReport {
    const found = this.find(name, key);
    if (found) return found;
    const names = this.baselines().filter(({ pipeline }) => pipeline === key.pipeline);
    const known =
      names.length > 0
        ? `There are: ${names.map((one) => one.name).join(', ')}.`
        : 'There is none yet: save one first.';
    throw new HumanError(`There is no baseline named “${name}” of ${key.pipeline}. ${known}`);
  }

  /** Of this benchmark on this machine, the oldest first; of one branch where `key` names one. */
  history(key: Key): Past[] {
    const { pipeline, branch, machine } = columnsOf(key);
    const rows = this.#database
      .prepare(
        `SELECT verdict, report FROM report
         WHERE name IS NULL AND pipeline = ? AND machine = ? AND (? = '' OR branch = ?) ORDER BY id`,
      )
      .all(pipeline, machine, branch, branch);
    return rows.map((row) => {
      const verdict = verdictOf(row);
      return { ...(verdict ? { verdict } : {}), report: read(row) };
    });
  }

  /** Each benchmark and machine of the history, the newest first. */
  histories(): HistoryName[] {
    const rows = this.#database
      .prepare(
        // SQLite takes the title of the row that has the greatest time.
        `SELECT pipeline, machine, count(*) AS runs, max(at) AS at, json_extract(report, '$.benchmark') AS title FROM report
         WHERE name IS NULL GROUP BY pipeline, machine ORDER BY at DESC`,
      )
      .all();
    return rows.map((row) => ({
      pipeline: String(row['pipeline']),
      machine: String(row['machine']),
      title: String(row['title'] ?? row['pipeline']),
      runs: Number(row['runs']),
      at: String(row['at']),
    }));
  }

  /** The whole history of one, without the samples, the oldest first; pauses after each, since a report is large. */
  *runs(key: Key | Pick<HistoryName, 'pipeline' | 'machine'>): Generator<void, PastRun[]> {
    const machine = typeof key.machine === 'string' ? key.machine : fingerprint(key.machine);
    const ids = this.#database
      .prepare('SELECT id FROM report WHERE name IS NULL AND pipeline = ? AND machine = ? ORDER BY id')
      .all(key.pipeline, machine);
    const one = this.#database.prepare('SELECT verdict, report FROM report WHERE id = ?');
    const runs: PastRun[] = [];
    for (const { id } of ids) {
      const row = one.get(Number(id));
      if (row) runs.push(pastRun(read(row), verdictOf(row)));
      yield;
    }
    return runs;
  }

  /** The newest of the history on this branch and machine that was not found to be worse, before a moment if one is told. */
  lastGood(key: Key, before = '9999'): BenchReport | undefined {
    const { pipeline, branch, machine } = columnsOf(key);
    const row = this.#database
      .prepare(
        `SELECT report FROM report
         WHERE name IS NULL AND pipeline = ? AND machine = ? AND (? = '' OR branch = ?) AND at < ?
           AND coalesce(verdict, '') NOT IN ('regressed', 'slower') ORDER BY id DESC LIMIT 1`,
      )
      .get(pipeline, machine, branch, branch, before);
    return row && read(row);
  }

  /** Writes what a report of the history was found to be later on. */
  judge({ pipeline, at }: BenchReport, verdict: Verdict): void {
    this.#database
      .prepare('UPDATE report SET verdict = ? WHERE name IS NULL AND pipeline = ? AND at = ?')
      .run(verdict, pipeline, at);
  }

  /** Remembers by which share the same differed from the same. */
  addSpread(key: Key, of: string, share: number): void {
    const { pipeline, machine } = columnsOf(key);
    this.#database
      .prepare('INSERT INTO spread (pipeline, machine, of, share) VALUES (?, ?, ?, ?)')
      .run(pipeline, machine, of, share);
    this.#database
      .prepare(
        `DELETE FROM spread WHERE pipeline = ?1 AND machine = ?2 AND of = ?3 AND id NOT IN
          (SELECT id FROM spread WHERE pipeline = ?1 AND machine = ?2 AND of = ?3 ORDER BY id DESC LIMIT ?4)`,
      )
      .run(pipeline, machine, of, spreadsKept);
  }

  /** By case: twice the middle of what the same differed from the same. */
  floors(key: Key): Readonly<Record<string, number>> {
    const { pipeline, machine } = columnsOf(key);
    const rows = this.#database
      .prepare('SELECT of, share FROM spread WHERE pipeline = ? AND machine = ? ORDER BY share')
      .all(pipeline, machine);
    const groups = Map.groupBy(rows, (row) => String(row['of']));
    return Object.fromEntries(
      [...groups].map(([of, list]) => [of, 2 * Number(list[Math.floor(list.length / 2)]?.['share'] ?? 0)]),
    );
  }

  #insert(report: BenchReport, name: string | undefined, verdict: Verdict | undefined): void {
    const { pipeline, branch, machine } = columnsOf(report);
    this.#database
      .prepare('INSERT INTO report (name, pipeline, branch, machine, at, verdict, report) VALUES (?, ?, ?, ?, ?, ?, ?)')
      .run(name ?? null, pipeline, branch, machine, report.at, verdict ?? null, JSON.stringify(report));
  }
}

/** What two machines must share for their times to be compared: processor, cores, runtime, how the clock is governed. */
function fingerprint({ cpu, cores, node, governor }: Machine): string {
  return [cpu, `${cores} cores`, `Node ${node}`, ...(governor ? [governor] : [])].join(', ');
}

function columnsOf({ pipeline, machine, git }: Key) {
  return { pipeline, branch: git?.branch ?? '', machine: fingerprint(machine) };
}

function verdictOf(row: Readonly<Record<string, unknown>>): Verdict | undefined {
  return row['verdict'] === null ? undefined : (row['verdict'] as Verdict);
}

function read(row: Readonly<Record<string, unknown>>): BenchReport {
  return JSON.parse(String(row['report'])) as BenchReport;
}
