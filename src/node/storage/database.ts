/**
 * A SQLite file that several processes use at the same time. If it turns out to be damaged, at whichever statement, it is
 * moved aside, replaced by an empty one, and reported. It is never deleted.
 */
import { chmodSync, closeSync, existsSync, openSync, readdirSync, renameSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DatabaseSync, type SQLInputValue, type SQLOutputValue } from 'node:sqlite';

/** Time that a statement waits for other processes. */
const busyTimeoutMs = 5000;
const retryMs = 20;
/** SQLite's own files beside the database. */
const suffixes = ['', '-wal', '-shm'] as const;

// Primary result codes of SQLite (https://sqlite.org/rescode.html); extended codes have more bits.
const [sqliteBusy, sqliteCorrupt, sqliteNotADatabase] = [5, 11, 26];

/** A row of a result by column name. */
export type Row = Readonly<Record<string, SQLOutputValue>>;

export interface DatabaseOptions {
  readonly version: number;
  /** Creates the tables, or migrates those of an older version; 0 means a new file. Runs in a transaction. */
  readonly setUp: (connection: DatabaseSync, version: number) => void;
  /** Receives the path to which a damaged file was moved. */
  readonly onDamaged: (movedTo: string) => void;
}

export class Database {
  readonly #file: string | undefined;
  readonly #options: DatabaseOptions;
  #connection: DatabaseSync;
  /** Number of the file in its file system, by which another process's replacement is recognized. */
  #inode = 0;

  /** @param file without it, the data is kept in memory only */
  constructor(file: string | undefined, options: DatabaseOptions) {
    this.#file = file;
    this.#options = options;
    try {
      this.#connection = this.#open();
    } catch (error) {
      this.#connection = this.#replaceAfter(error);
    }
  }

  /** False if the data is lost at the end of this process. */
  get isPersistent(): boolean {
    return this.#file !== undefined;
  }

  run(sql: string, ...values: readonly SQLInputValue[]): void {
    this.#repairing(() => this.#connection.prepare(sql).run(...values));
  }

  get(sql: string, ...values: readonly SQLInputValue[]): Row | undefined {
    return this.#repairing(() => this.#connection.prepare(sql).get(...values));
  }

  all(sql: string, ...values: readonly SQLInputValue[]): readonly Row[] {
    return this.#repairing(() => this.#connection.prepare(sql).all(...values));
  }

  close(): void {
    this.#connection.close();
  }

  #open(): DatabaseSync {
    const file = this.#file;
    if (file === undefined) return this.#initialize(new DatabaseSync(':memory:'));
    makePrivate(file);
    const connection = this.#initialize(new DatabaseSync(file));
    this.#inode = statSync(file).ino;
    return connection;
  }

  #initialize(connection: DatabaseSync): DatabaseSync {
    try {
      // First of all, because every other statement may have to wait.
      connection.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`);
      retryWhileBusy(() => connection.exec('PRAGMA journal_mode = WAL'));
      connection.exec('PRAGMA synchronous = NORMAL');
      if (versionOf(connection) !== this.#options.version) retryWhileBusy(() => this.#setUp(connection));
      return connection;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  /** Runs in one transaction, so that a process that is killed meanwhile leaves the old tables or the new ones. */
  #setUp(connection: DatabaseSync): void {
    const { version, setUp } = this.#options;
    connection.exec('BEGIN IMMEDIATE');
    try {
      setUp(connection, versionOf(connection));
      connection.exec(`PRAGMA user_version = ${version}; COMMIT`);
    } catch (error) {
      if (connection.isTransaction) connection.exec('ROLLBACK');
      throw error;
    }
  }

  /** Runs a statement. If the file is damaged, it runs again on an empty database. */
  #repairing<T>(statement: () => T): T {
    try {
      return statement();
    } catch (error) {
      this.#connection = this.#replaceAfter(error);
      return statement();
    }
  }

  /** Opens an empty database in place of a damaged one. Throws the error again if it has another cause. */
  #replaceAfter(error: unknown): DatabaseSync {
    const file = this.#file;
    if (file === undefined || !isDamage(error)) throw error;
    // Undefined while the constructor runs.
    if ((this.#connection as DatabaseSync | undefined)?.isOpen) this.#connection.close();
    // Another process may have replaced the file that this one had open.
    const isReplaced = this.#inode !== 0 && statSync(file, { throwIfNoEntry: false })?.ino !== this.#inode;
    const movedTo = isReplaced ? undefined : moveAside(file);
    const connection = this.#open();
    if (movedTo !== undefined) this.#options.onDamaged(movedTo);
    return connection;
  }
}

function versionOf(connection: DatabaseSync): number {
  return Number(connection.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
}

/** Retries what SQLite refuses without waiting: two processes that create the same database could wait for each other. */
function retryWhileBusy(action: () => void): void {
  const endMs = performance.now() + busyTimeoutMs;
  for (;;) {
    try {
      action();
      return;
    } catch (error) {
      if (primaryCodeOf(error) !== sqliteBusy || performance.now() > endMs) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, retryMs);
    }
  }
}

/**
 * Creates a missing file, and lets only the user read it, SQLite's files beside it and damaged ones of earlier. They hold
 * command lines.
 */
function makePrivate(file: string): void {
  if (!existsSync(file)) closeSync(openSync(file, 'a', 0o600));
  const folder = dirname(file);
  for (const name of readdirSync(folder).filter((candidate) => candidate.startsWith(basename(file)))) {
    try {
      chmodSync(join(folder, name), 0o600);
    } catch {
      // It was deleted meanwhile, or it belongs to another user.
    }
  }
}

function isDamage(error: unknown): boolean {
  const code = primaryCodeOf(error);
  return code === sqliteCorrupt || code === sqliteNotADatabase;
}

function primaryCodeOf(error: unknown): number | undefined {
  const { errcode } = error as { readonly errcode?: number };
  return errcode === undefined ? undefined : errcode & 0xff;
}

/** Renames the database and its WAL files. Returns the new path. */
function moveAside(file: string): string {
  const target = `${file}.damaged-${new Date().toISOString().replaceAll(':', '-')}`;
  for (const suffix of suffixes) if (existsSync(file + suffix)) renameSync(file + suffix, target + suffix);
  return target;
}
