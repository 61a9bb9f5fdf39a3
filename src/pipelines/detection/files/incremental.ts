/** Finds out which files have changed since the last run, and keeps the facts of the others between runs. */
import { lstatSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { count, measured, operation } from '../../../probe/api/api.ts';
import { type Facts, type FileError, factsVersion } from '../extract/facts.ts';
import { hashOf } from './content-hash.ts';
import type { Source } from './discover-files.ts';

/** How a file looked when its facts were found. */
export interface Stat {
  readonly size: number;
  readonly mtimeMs: number;
  /** Changes with every change of the file, whatever its times are set to afterwards. */
  readonly ctimeMs: number;
  readonly ino: number;
}

/** What is known of one file. */
export interface Entry extends Stat {
  readonly name: string;
  readonly sha256: string;
  readonly facts?: Facts;
  /** Why there are none. */
  readonly error?: FileError;
}

export interface Found extends Source {
  readonly stat: Stat;
}

export interface Kept {
  readonly entries: ReadonlyMap<string, Entry>;
  /** When they were saved: a file as young as that may have changed since without looking so. */
  readonly savedAtMs: number;
  /** Why nothing was taken over, where something was there. */
  readonly discarded?: string;
}

const nothing: Kept = { entries: new Map(), savedAtMs: 0 };
/** Coarsest clock of the usual file systems. */
const clockMs = 20;

/** Size, time and number of each file; links and what has gone are left out. */
export const statFiles = measured(
  'incremental_detection',
  'stat_files',
  (workspace: string, sources: readonly Source[]): Found[] =>
    sources.flatMap((source) => {
      const stat = lstatSync(join(workspace, source.name), { throwIfNoEntry: false });
      if (!stat?.isFile()) return [];
      const { size, mtimeMs, ctimeMs, ino } = stat;
      return [{ ...source, stat: { size, mtimeMs, ctimeMs, ino } }];
    }),
);

export interface Changes {
  readonly unchanged: Entry[];
  readonly changed: Found[];
  /** Some of the unchanged look different now, or files have gone: what is kept is to be written again. */
  readonly stale: boolean;
}

/** Tells the changed files from the others: by how they look, else by their content. */
export function changesOf(workspace: string, found: readonly Found[], kept: Kept): Changes {
  const unchanged: Entry[] = [];
  const changed: Found[] = [];
  let stale = false;
  for (const file of found) {
    const entry = kept.entries.get(file.name);
    if (entry && isAsKept(entry, file.stat, kept.savedAtMs)) unchanged.push(entry);
    else if (entry && hashFile(join(workspace, file.name)) === entry.sha256) {
      unchanged.push({ ...entry, ...file.stat });
      stale = true;
    } else changed.push(file);
  }
  tellChanges(unchanged.length, changed.length, kept.entries.size > 0);
  return { unchanged, changed, stale: stale || unchanged.length < kept.entries.size };
}

/** Tells the profiler; where nothing was kept there was no cache to look into. */
export function tellChanges(unchanged: number, changed: number, looked: boolean): void {
  if (looked) {
    hashing.hit(unchanged);
    hashing.miss(changed);
  }
  count('unchanged', unchanged, { component: 'incremental_detection' });
  count('changed', changed, { component: 'incremental_detection' });
}

/** Whether a file looks as it did when it was kept, and was old enough then for a later change to show. */
export function isAsKept(kept: Stat, stat: Stat, savedAtMs: number): boolean {
  return (
    kept.size === stat.size &&
    kept.mtimeMs === stat.mtimeMs &&
    kept.ctimeMs === stat.ctimeMs &&
    kept.ino === stat.ino &&
    kept.ctimeMs < savedAtMs - clockMs
  );
}

/** Hash of a file's content, or nothing where it cannot be read. */
const hashFile = measured('incremental_detection', 'hash_file', (path: string): string | undefined => {
  try {
    return hashOf(readFileSync(path));
  } catch {
    return undefined;
  }
});

const hashing = operation('incremental_detection', 'hash_file');

interface Header {
  readonly schema: 'pipescope-facts';
  readonly version: number;
  readonly workspace: string;
  readonly savedAtMs: number;
  readonly files: number;
  /** Of all that follows the first line. */
  readonly sha256: string;
}

/** What the last run has kept of this workspace; what is foreign or damaged is not used, and that is said. */
export const loadFacts = measured('incremental_detection', 'load_facts', (folder: string, workspace: string): Kept => {
  let bytes: Buffer;
  try {
    bytes = readFileSync(fileOf(folder));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return nothing;
    return { ...nothing, discarded: `it cannot be read (${(error as NodeJS.ErrnoException).code})` };
  }
  const end = bytes.indexOf(10);
  const header = headerOf(bytes.subarray(0, Math.max(0, end)).toString());
  if (!header) return { ...nothing, discarded: 'it is damaged or of another program' };
  if (header.version !== factsVersion) return { ...nothing, discarded: 'it is of another version' };
  if (header.workspace !== workspace)
    return { ...nothing, discarded: `it is of another workspace, ${header.workspace}` };
  const body = bytes.subarray(end + 1);
  if (hashOf(body) !== header.sha256) return { ...nothing, discarded: 'it is damaged' };
  const entries = JSON.parse(body.toString()) as Entry[];
  return { entries: new Map(entries.map((entry) => [entry.name, entry])), savedAtMs: header.savedAtMs };
});

function headerOf(line: string): Header | undefined {
  try {
    const header = JSON.parse(line) as Header | null;
    return header?.schema === 'pipescope-facts' ? header : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps entries for the next run: all or nothing, whatever happens meanwhile. */
export const saveFacts = measured(
  'incremental_detection',
  'save_facts',
  (folder: string, workspace: string, entries: readonly Entry[]): void => {
    const body = Buffer.from(JSON.stringify(entries));
    const header: Header = {
      schema: 'pipescope-facts',
      version: factsVersion,
      workspace,
      savedAtMs: Date.now(),
      files: entries.length,
      sha256: hashOf(body),
    };
    mkdirSync(folder, { recursive: true });
    const draft = `${fileOf(folder)}.${process.pid}`;
    try {
      writeFileSync(draft, `${JSON.stringify(header)}\n`, { mode: 0o600 });
      writeFileSync(draft, body, { flag: 'a' });
      renameSync(draft, fileOf(folder));
    } catch (error) {
      rmSync(draft, { force: true });
      throw error;
    }
  },
);

function fileOf(folder: string): string {
  return join(folder, 'facts.json');
}
