/**
 * What outlives a run: benchmarks and the list of runs, in one SQLite file (WAL, so that two windows can use it).
 * A file that is no database any more is moved aside and said, never deleted.
 */
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { HumanError } from '../../core/human-error.ts';
import type { Run } from '../../protocol/snapshot.ts';
import { Reports, reportTables } from './report-store.ts';

export const storeFile = 'pipescope.db';
const schemaVersion = 2;
/** Runs remembered; the oldest go first. */
const runsKept = 1000;

const tables = `
  ${reportTables}
  CREATE TABLE IF NOT EXISTS run (id TEXT PRIMARY KEY, pipeline TEXT NOT NULL, started_at TEXT NOT NULL, run TEXT NOT NULL) STRICT;
`;

export class Store {
  readonly #database: DatabaseSync;
  readonly reports: Reports;

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
    this.reports = new Reports(this.#database);
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
    if (version === 1) takeOver(database);
    database.exec(`PRAGMA user_version = ${schemaVersion}`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** The first version kept one baseline a name. */
function takeOver(database: DatabaseSync): void {
  const reports = new Reports(database);
  for (const row of database.prepare('SELECT name, report FROM baseline').all()) {
    reports.save(String(row['name']), JSON.parse(String(row['report'])));
  }
  database.exec('DROP TABLE baseline');
}

function moveAside(file: string): string {
  const aside = `${file}.damaged-${new Date().toISOString().replaceAll(':', '-')}`;
  renameSync(file, aside);
  for (const suffix of ['-wal', '-shm']) if (existsSync(file + suffix)) renameSync(file + suffix, aside + suffix);
  return aside;
}
