/**
 * Stores benchmark reports and the list of runs in a SQLite file, in WAL mode so that two windows can use it. A damaged
 * file is moved aside and logged, never deleted.
 */
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isBenchReport } from '../../core/benchmark/bench-report.ts';
import { HumanError } from '../../core/human-error.ts';
import { parseJson } from '../../protocol/parse-json.ts';
import { isRecord } from '../../protocol/schema.ts';
import type { Run } from '../../protocol/snapshot.ts';
import { ReportStore, reportTables } from './report-store.ts';

export const storeFile = 'pipescope.db';
const schemaVersion = 2;
/** Maximum number of stored runs. The oldest are deleted first. */
const maxRuns = 1000;

// Result codes of SQLite (https://sqlite.org/rescode.html).
const sqliteCorrupt = 11;
const sqliteNotADatabase = 26;

const tables = `
  ${reportTables}
  CREATE TABLE IF NOT EXISTS run (id TEXT PRIMARY KEY, pipeline TEXT NOT NULL, started_at TEXT NOT NULL, run TEXT NOT NULL) STRICT;
`;

export class Store {
  readonly #database: DatabaseSync;
  readonly reports: ReportStore;

  /** Opens or creates the store in a data folder. `log` receives a line if a damaged file was moved aside. */
  constructor(folder: string, log: (line: string) => void = () => undefined) {
    mkdirSync(folder, { recursive: true });
    const file = join(folder, storeFile);
    try {
      this.#database = openDatabase(file);
    } catch (error) {
      const code = (error as { errcode?: number }).errcode;
      if (code !== sqliteCorrupt && code !== sqliteNotADatabase) throw error;
      log(`The history was damaged. It was moved to ${moveAside(file)}, and a new one was created.`);
      this.#database = openDatabase(file);
    }
    this.reports = new ReportStore(this.#database);
  }

  saveRun(run: Run): void {
    this.#database
      .prepare('INSERT OR REPLACE INTO run (id, pipeline, started_at, run) VALUES (?, ?, ?, ?)')
      .run(run.id, run.pipeline, run.startedAt, JSON.stringify(run));
    this.#database
      .prepare('DELETE FROM run WHERE id NOT IN (SELECT id FROM run ORDER BY started_at DESC LIMIT ?)')
      .run(maxRuns);
  }

  /** Returns the stored runs, the newest first. */
  runs(limit = 100): Run[] {
    const rows = this.#database.prepare('SELECT run FROM run ORDER BY started_at DESC LIMIT ?').all(limit);
    return rows.map((row) => parseJson(String(row['run']))).filter(isRun);
  }

  close(): void {
    this.#database.close();
  }
}

function openDatabase(file: string): DatabaseSync {
  const database = new DatabaseSync(file);
  try {
    database.exec('PRAGMA journal_mode = WAL; PRAGMA busy_timeout = 5000; PRAGMA synchronous = NORMAL;');
    const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
    if (version > schemaVersion) {
      throw new HumanError('The history was written by a newer version of Pipescope. Update Pipescope to read it.');
    }
    database.exec(tables);
    if (version === 1) migrateBaselines(database);
    database.exec(`PRAGMA user_version = ${schemaVersion}`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Migrates schema version 1, which stored one baseline for each name. */
function migrateBaselines(database: DatabaseSync): void {
  const reports = new ReportStore(database);
  for (const row of database.prepare('SELECT name, report FROM baseline').all()) {
    const report = parseJson(String(row['report']));
    if (isBenchReport(report)) reports.saveBaseline(String(row['name']), report);
  }
  database.exec('DROP TABLE baseline');
}

/** Renames the database and its WAL files. Returns the new path. */
function moveAside(file: string): string {
  const target = `${file}.damaged-${new Date().toISOString().replaceAll(':', '-')}`;
  renameSync(file, target);
  for (const suffix of ['-wal', '-shm']) if (existsSync(file + suffix)) renameSync(file + suffix, target + suffix);
  return target;
}

/** Checks the fields by which runs are listed. */
function isRun(value: unknown): value is Run {
  return isRecord(value) && typeof value['id'] === 'string' && typeof value['startedAt'] === 'string';
}
