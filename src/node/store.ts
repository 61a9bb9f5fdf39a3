/**
 * What outlives a run: named baselines and the list of runs, in one SQLite file (WAL, so that two windows can use it).
 * A file that is no database any more is moved aside and said, never deleted.
 */
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { BenchReport } from '../core/benchmark.ts';
import { HumanError } from '../core/error.ts';
import type { Run } from '../protocol/snapshot.ts';

export const storeFile = 'pipescope.db';
const schemaVersion = 1;
/** Runs remembered; the oldest go first. */
const runsKept = 1000;

const tables = `
  CREATE TABLE IF NOT EXISTS baseline (name TEXT PRIMARY KEY, pipeline TEXT NOT NULL, at TEXT NOT NULL, report TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS run (id TEXT PRIMARY KEY, pipeline TEXT NOT NULL, started_at TEXT NOT NULL, run TEXT NOT NULL) STRICT;
`;

export interface BaselineName {
  readonly name: string;
  readonly pipeline: string;
  readonly at: string;
}

export class Store {
  readonly #database: DatabaseSync;

  /** Opens or makes the store of a data folder. `log` hears of a damaged file that was moved aside. */
  constructor(folder: string, log: (line: string) => void = () => undefined) {
    mkdirSync(folder, { recursive: true });
    const file = join(folder, storeFile);
    try {
      this.#database = open(file);
    } catch (error) {
      const code = (error as { errcode?: number }).errcode;
      if (code !== sqliteCorrupt && code !== sqliteNotADatabase) throw error;
      log(`${moveAside(file)} was damaged and is kept there; a new one was begun`);
      this.#database = open(file);
    }
  }

  /** Saves a report under a name, in place of an earlier one of that name. */
  saveBaseline(name: string, report: BenchReport): void {
    this.#database
      .prepare('INSERT OR REPLACE INTO baseline (name, pipeline, at, report) VALUES (?, ?, ?, ?)')
      .run(name, report.pipeline, report.at, JSON.stringify(report));
  }

  /** The newest first. */
  baselines(): BaselineName[] {
    const rows = this.#database.prepare('SELECT name, pipeline, at FROM baseline ORDER BY at DESC').all();
    return rows.map((row) => ({ name: String(row['name']), pipeline: String(row['pipeline']), at: String(row['at']) }));
  }

  /** Throws a HumanError where there is no baseline of that name. */
  baseline(name: string): BenchReport {
    const row = this.#database.prepare('SELECT report FROM baseline WHERE name = ?').get(name);
    if (row) return JSON.parse(String(row['report'])) as BenchReport;
    const names = this.baselines().map((one) => one.name);
    const known = names.length > 0 ? `There are: ${names.join(', ')}.` : 'There is none yet: save one first.';
    throw new HumanError(`There is no baseline named “${name}”. ${known}`);
  }

  saveRun(run: Run): void {
    this.#database
      .prepare('INSERT OR REPLACE INTO run (id, pipeline, started_at, run) VALUES (?, ?, ?, ?)')
      .run(run.id, run.pipeline, run.startedAt, JSON.stringify(run));
    this.#database
      .prepare('DELETE FROM run WHERE id NOT IN (SELECT id FROM run ORDER BY started_at DESC LIMIT ?)')
      .run(runsKept);
  }

  /** The newest first. */
  runs(most = 100): Run[] {
    const rows = this.#database.prepare('SELECT run FROM run ORDER BY started_at DESC LIMIT ?').all(most);
    return rows.map((row) => JSON.parse(String(row['run'])) as Run);
  }

  close(): void {
    this.#database.close();
  }
}

const sqliteCorrupt = 11;
const sqliteNotADatabase = 26;

function open(file: string): DatabaseSync {
  const database = new DatabaseSync(file);
  try {
    database.exec('PRAGMA journal_mode = WAL; PRAGMA busy_timeout = 5000; PRAGMA synchronous = NORMAL;');
    const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
    if (version > schemaVersion) {
      throw new HumanError('The history was written by a newer Pipescope. Update this one to read it.');
    }
    database.exec(tables);
    database.exec(`PRAGMA user_version = ${schemaVersion}`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function moveAside(file: string): string {
  const aside = `${file}.damaged-${new Date().toISOString().replaceAll(':', '-')}`;
  renameSync(file, aside);
  for (const suffix of ['-wal', '-shm']) if (existsSync(file + suffix)) renameSync(file + suffix, aside + suffix);
  return aside;
}
