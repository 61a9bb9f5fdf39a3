/**
 * Stores benchmark reports and the list of runs in a SQLite file, in WAL mode so that two windows can use it. A damaged
 * file is moved aside and reported, never deleted.
 */
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { isBenchReport } from '../../core/benchmark/bench-report.ts';
import { HumanError, messageOf } from '../../core/human-error.ts';
import { parseJson } from '../../protocol/parse-json.ts';
import { isRecord } from '../../protocol/schema.ts';
import type { Run } from '../../protocol/snapshot.ts';
import { createDataFolder } from './data-folder.ts';
import { Database, type DatabaseOptions } from './database.ts';
import { insertReport, ReportStore, reportTables, valuesOf } from './report-store.ts';

export const storeFile = 'pipescope.db';
const schemaVersion = 2;
/** Maximum number of stored runs. The oldest are deleted first. */
const maxRuns = 1000;

const tables = `
  ${reportTables}
  CREATE TABLE IF NOT EXISTS run (id TEXT PRIMARY KEY, pipeline TEXT NOT NULL, started_at TEXT NOT NULL, run TEXT NOT NULL) STRICT;
`;

export class Store {
  readonly #database: Database;
  readonly reports: ReportStore;

  /**
   * Opens or creates the store in a data folder. Without a folder that can be written, the data is kept in memory.
   * @param log receives a sentence if that is so, or if a damaged file was moved aside
   */
  constructor(folder: string, log: (line: string) => void = () => undefined) {
    this.#database = openDatabase(folder, log);
    this.reports = new ReportStore(this.#database);
  }

  /** False if everything that is saved is lost at the end of this process. */
  get isPersistent(): boolean {
    return this.#database.isPersistent;
  }

  saveRun(run: Run): void {
    const sql = 'INSERT OR REPLACE INTO run (id, pipeline, started_at, run) VALUES (?, ?, ?, ?)';
    this.#database.run(sql, run.id, run.pipeline, run.startedAt, JSON.stringify(run));
    this.#database.run(
      'DELETE FROM run WHERE id NOT IN (SELECT id FROM run ORDER BY started_at DESC LIMIT ?)',
      maxRuns,
    );
  }

  /** Returns the stored runs, the newest first. */
  runs(limit = 100): Run[] {
    const rows = this.#database.all('SELECT run FROM run ORDER BY started_at DESC LIMIT ?', limit);
    return rows.map((row) => parseJson(String(row['run']))).filter(isRun);
  }

  close(): void {
    this.#database.close();
  }
}

function openDatabase(folder: string, log: (line: string) => void): Database {
  const options: DatabaseOptions = {
    version: schemaVersion,
    setUp: createTables,
    onDamaged: (movedTo) => log(`The history was damaged. It was moved to ${movedTo}, and a new one was created.`),
  };
  try {
    createDataFolder(folder);
    return new Database(join(folder, storeFile), options);
  } catch (error) {
    if (error instanceof HumanError) throw error;
    log(`The history in ${folder} cannot be used (${messageOf(error)}), so nothing is added to it.`);
    return new Database(undefined, options);
  }
}

function createTables(connection: DatabaseSync, version: number): void {
  if (version > schemaVersion) {
    throw new HumanError('The history was written by a newer version of Pipescope. Update Pipescope to read it.');
  }
  connection.exec(tables);
  if (version === 1) migrateBaselines(connection);
}

/** Migrates schema version 1, which stored one baseline for each name. */
function migrateBaselines(connection: DatabaseSync): void {
  for (const row of connection.prepare('SELECT name, report FROM baseline').all()) {
    const report = parseJson(String(row['report']));
    if (isBenchReport(report)) connection.prepare(insertReport).run(...valuesOf(report, String(row['name'])));
  }
  connection.exec('DROP TABLE baseline');
}

/** Checks the fields by which runs are listed. */
function isRun(value: unknown): value is Run {
  return isRecord(value) && typeof value['id'] === 'string' && typeof value['startedAt'] === 'string';
}
