/** Stores benchmark reports with all their samples. Reports with a name are baselines, the others form the history. */
import { type BenchReport, isBenchReport } from '../../core/benchmark/bench-report.ts';
import { type HistoryRun, toHistoryRun } from '../../core/benchmark/history.ts';
import { verdicts } from '../../core/benchmark/judge-change.ts';
import { machineFingerprint } from '../../core/benchmark/machine-fingerprint.ts';
import { HumanError } from '../../core/human-error.ts';
import { defined } from '../../protocol/defined.ts';
import type { ChangeVerdict } from '../../protocol/panel/benchmark-state.ts';
import { parseJson } from '../../protocol/parse-json.ts';
import type { Database, Row } from './database.ts';

/** Maximum number of history reports for each benchmark. The oldest are deleted first. */
const maxHistoryReports = 100;
/** Maximum number of noise measurements for each scenario. The oldest are deleted first. */
const maxSpreads = 20;

export const reportTables = `
  CREATE TABLE IF NOT EXISTS report (
    id INTEGER PRIMARY KEY, name TEXT, pipeline TEXT NOT NULL, branch TEXT NOT NULL, machine TEXT NOT NULL,
    at TEXT NOT NULL, verdict TEXT, report TEXT NOT NULL) STRICT;
  CREATE UNIQUE INDEX IF NOT EXISTS baseline_key ON report (name, pipeline, branch, machine) WHERE name IS NOT NULL;
  CREATE TABLE IF NOT EXISTS spread (
    id INTEGER PRIMARY KEY, pipeline TEXT NOT NULL, machine TEXT NOT NULL, of TEXT NOT NULL, share REAL NOT NULL) STRICT;
`;

/** Identifies a benchmark on a machine and a branch. */
export type BenchmarkKey = Pick<BenchReport, 'pipeline' | 'machine' | 'git'>;

export interface BaselineEntry {
  readonly name: string;
  readonly pipeline: string;
  readonly branch: string;
  readonly at: string;
}

/** A benchmark that has a history on a machine. */
export interface HistoryEntry {
  readonly pipeline: string;
  readonly title: string;
  readonly machine: string;
  readonly runs: number;
  /** Time of the latest run (ISO 8601). */
  readonly at: string;
}

export interface StoredReport {
  readonly verdict?: ChangeVerdict;
  readonly report: BenchReport;
}

export class ReportStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Saves a report under a name. Replaces an earlier one with the same name, benchmark, branch and machine. */
  saveBaseline(name: string, report: BenchReport): void {
    if (!this.#database.isPersistent) {
      throw new HumanError(
        'The baseline could not be saved, because the data folder cannot be written. Choose another.',
      );
    }
    this.#insert(report, name, undefined);
  }

  /** Adds a report to the history with its verdict, if it was compared. */
  addToHistory(report: BenchReport, verdict?: ChangeVerdict): void {
    this.#insert(report, undefined, verdict);
    this.#database.run(
      `DELETE FROM report WHERE name IS NULL AND pipeline = ?1 AND id NOT IN
          (SELECT id FROM report WHERE name IS NULL AND pipeline = ?1 ORDER BY id DESC LIMIT ?2)`,
      report.pipeline,
      maxHistoryReports,
    );
  }

  /** Lists all baselines, the newest first. */
  baselines(): BaselineEntry[] {
    const rows = this.#database.all(
      'SELECT name, pipeline, branch, at FROM report WHERE name IS NOT NULL ORDER BY at DESC, id DESC',
    );
    return rows.map((row) => ({
      name: String(row['name']),
      pipeline: String(row['pipeline']),
      branch: String(row['branch']),
      at: String(row['at']),
    }));
  }

  /**
   * Finds a baseline of this benchmark by name. Prefers one of the same machine, then one of the same branch, then the
   * newest. Returns undefined if the benchmark has no baseline of that name.
   */
  findBaseline(name: string, key: BenchmarkKey): BenchReport | undefined {
    const { pipeline, branch, machine } = toColumns(key);
    const row = this.#database.get(
      `SELECT report FROM report WHERE name = ? AND pipeline = ?
         ORDER BY machine = ? DESC, branch = ? DESC, at DESC LIMIT 1`,
      name,
      pipeline,
      machine,
      branch,
    );
    return row && parseReport(row);
  }

  /** Like `findBaseline`, but throws a HumanError that lists the available baselines if there is no match. */
  getBaseline(name: string, key: BenchmarkKey): BenchReport {
    const baseline = this.findBaseline(name, key);
    if (baseline) return baseline;
    const available = this.baselines().filter(({ pipeline }) => pipeline === key.pipeline);
    const hint =
      available.length > 0
        ? `Available baselines: ${available.map((entry) => entry.name).join(', ')}.`
        : 'No baselines have been saved yet.';
    throw new HumanError(`No baseline “${name}” of ${key.pipeline}. ${hint}`);
  }

  /** Returns the history on this machine, the oldest first; only that of the key's branch, if it has one. */
  history(key: BenchmarkKey): StoredReport[] {
    const { pipeline, branch, machine } = toColumns(key);
    const rows = this.#database.all(
      `SELECT verdict, report FROM report
         WHERE name IS NULL AND pipeline = ? AND machine = ? AND (? = '' OR branch = ?) ORDER BY id`,
      pipeline,
      machine,
      branch,
      branch,
    );
    return rows.flatMap((row) => {
      const report = parseReport(row);
      return report ? [{ report, ...defined({ verdict: parseVerdict(row) }) }] : [];
    });
  }

  /** Lists each pair of benchmark and machine in the history, the latest first. */
  histories(): HistoryEntry[] {
    const rows = this.#database.all(
      // With max(at), SQLite takes the other columns from the row with the maximum, here the title.
      `SELECT pipeline, machine, count(*) AS runs, max(at) AS at,
         CASE WHEN json_valid(report) THEN json_extract(report, '$.benchmark') END AS title FROM report
       WHERE name IS NULL GROUP BY pipeline, machine ORDER BY at DESC`,
    );
    return rows.map((row) => ({
      pipeline: String(row['pipeline']),
      machine: String(row['machine']),
      title: String(row['title'] ?? row['pipeline']),
      runs: Number(row['runs']),
      at: String(row['at']),
    }));
  }

  /**
   * Reads the history of a benchmark on a machine without samples, the oldest first. Yields after each report, because
   * parsing one takes long.
   */
  *historyRuns(key: BenchmarkKey | Pick<HistoryEntry, 'pipeline' | 'machine'>): Generator<void, HistoryRun[]> {
    const machine = typeof key.machine === 'string' ? key.machine : machineFingerprint(key.machine);
    const ids = this.#database.all(
      'SELECT id FROM report WHERE name IS NULL AND pipeline = ? AND machine = ? ORDER BY id',
      key.pipeline,
      machine,
    );
    const runs: HistoryRun[] = [];
    for (const { id } of ids) {
      const row = this.#database.get('SELECT verdict, report FROM report WHERE id = ?', Number(id));
      const report = row && parseReport(row);
      // Earlier versions measured the probe too, which would look like a change of level.
      if (row && report?.method !== undefined) runs.push(toHistoryRun(report, parseVerdict(row)));
      yield;
    }
    return runs;
  }

  /** Finds the latest history report on this branch and machine that is not slower or regressed, measured before `before`. */
  findLastGood(key: BenchmarkKey, before = '9999'): BenchReport | undefined {
    const { pipeline, branch, machine } = toColumns(key);
    const row = this.#database.get(
      `SELECT report FROM report
         WHERE name IS NULL AND pipeline = ? AND machine = ? AND (? = '' OR branch = ?) AND at < ?
           AND coalesce(verdict, '') NOT IN ('regressed', 'slower')
           AND CASE WHEN json_valid(report) THEN json_extract(report, '$.method') END IS NOT NULL
         ORDER BY id DESC LIMIT 1`,
      pipeline,
      machine,
      branch,
      branch,
      before,
    );
    return row && parseReport(row);
  }

  /** Stores the verdict of a report that is already in the history. */
  setVerdict({ pipeline, at }: BenchReport, verdict: ChangeVerdict): void {
    this.#database.run(
      'UPDATE report SET verdict = ? WHERE name IS NULL AND pipeline = ? AND at = ?',
      verdict,
      pipeline,
      at,
    );
  }

  /** Stores a noise measurement: the relative difference between two measurements of the same program. */
  addSpread(key: BenchmarkKey, scenario: string, share: number): void {
    const { pipeline, machine } = toColumns(key);
    this.#database.run(
      'INSERT INTO spread (pipeline, machine, of, share) VALUES (?, ?, ?, ?)',
      pipeline,
      machine,
      scenario,
      share,
    );
    this.#database.run(
      `DELETE FROM spread WHERE pipeline = ?1 AND machine = ?2 AND of = ?3 AND id NOT IN
          (SELECT id FROM spread WHERE pipeline = ?1 AND machine = ?2 AND of = ?3 ORDER BY id DESC LIMIT ?4)`,
      pipeline,
      machine,
      scenario,
      maxSpreads,
    );
  }

  /** Returns the noise floor of each scenario: twice the median of its noise measurements. */
  noiseFloors(key: BenchmarkKey): Readonly<Record<string, number>> {
    const { pipeline, machine } = toColumns(key);
    const rows = this.#database.all(
      'SELECT of, share FROM spread WHERE pipeline = ? AND machine = ? ORDER BY share',
      pipeline,
      machine,
    );
    const groups = Map.groupBy(rows, (row) => String(row['of']));
    return Object.fromEntries(
      [...groups].map(([scenario, list]) => [scenario, 2 * Number(list[Math.floor(list.length / 2)]?.['share'] ?? 0)]),
    );
  }

  #insert(report: BenchReport, name: string | undefined, verdict: ChangeVerdict | undefined): void {
    this.#database.run(insertReport, ...valuesOf(report, name, verdict));
  }
}

/** A single statement, so that a baseline is always there while it is replaced. */
export const insertReport =
  'INSERT OR REPLACE INTO report (name, pipeline, branch, machine, at, verdict, report) VALUES (?, ?, ?, ?, ?, ?, ?)';

/** Returns the values for `insertReport`. */
export function valuesOf(report: BenchReport, name?: string, verdict?: ChangeVerdict): (string | null)[] {
  const { pipeline, branch, machine } = toColumns(report);
  return [name ?? null, pipeline, branch, machine, report.at, verdict ?? null, JSON.stringify(report)];
}

function toColumns({ pipeline, machine, git }: BenchmarkKey) {
  return { pipeline, branch: git?.branch ?? '', machine: machineFingerprint(machine) };
}

function parseVerdict(row: Row): ChangeVerdict | undefined {
  return verdicts.find((verdict) => verdict === row['verdict']);
}

/** Returns undefined if the stored report is damaged. */
function parseReport(row: Row): BenchReport | undefined {
  const report = parseJson(String(row['report']));
  return isBenchReport(report) ? report : undefined;
}
