/** Stores the facts of files between runs, and finds the files that have changed since the last run. */
import { lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { count, measured, operation } from '../../../probe/api/api.ts';
import { writeAtomically } from '../../../process/write-atomically.ts';
import { type EncodedFacts, encodeFacts, linkFacts } from '../extract/facts/encode-facts.ts';
import { type Facts, type FileError, factsVersion } from '../extract/facts.ts';
import { hashAll, hashOf } from './content-hash.ts';
import type { SourceFile } from './discover-files.ts';
import { type Segment, SegmentFile } from './segment-file.ts';

/** File metadata that shows whether a file has changed. */
export interface FileStat {
  readonly size: number;
  readonly mtimeMs: number;
  /** Changes with every modification, even if the modification time is reset afterwards. */
  readonly ctimeMs: number;
  readonly ino: number;
}

/** Facts of one file, and its state when they were extracted. */
export interface FileEntry extends FileStat {
  readonly name: string;
  readonly sha256: string;
  readonly facts?: Facts;
  /** The facts as JSON in UTF-8, if another thread has extracted them in this run. It is not stored by itself. */
  readonly factsJson?: Uint8Array;
  /** See `hashInterface`; missing if there are no facts. */
  readonly interfaceHash?: string;
  /** Reason why the facts are missing. */
  readonly error?: FileError;
}

export interface SourceFileWithStat extends SourceFile {
  readonly stat: FileStat;
}

export interface CachedFacts {
  readonly entries: ReadonlyMap<string, FileEntry>;
  /** Time of saving. A file modified shortly before may have changed again without a different stat. */
  readonly savedAtMs: number;
  /** Reason why an existing cache was not used. */
  readonly discarded?: string;
}

const emptyCache: CachedFacts = { entries: new Map(), savedAtMs: 0 };
/** Resolution of timestamps on common file systems. */
const timestampResolutionMs = 20;

/** Adds the stat to each file. Symbolic links and files that no longer exist are omitted. */
export const statFiles = measured(
  'incremental_detection',
  'stat_files',
  (workspace: string, files: readonly SourceFile[]): SourceFileWithStat[] =>
    files.flatMap((file) => {
      // `join` would normalize each path, which takes as long as reading its stat.
      const stat = lstatSync(`${workspace}/${file.name}`, { throwIfNoEntry: false });
      if (!stat?.isFile()) return [];
      const { size, mtimeMs, ctimeMs, ino } = stat;
      return [{ ...file, stat: { size, mtimeMs, ctimeMs, ino } }];
    }),
);

export interface FileChanges {
  readonly unchanged: FileEntry[];
  readonly changed: SourceFileWithStat[];
  /** True if the cache must be saved again because stats have changed or files were deleted. */
  readonly isStale: boolean;
}

/** Separates changed from unchanged files: by their stat if possible, and by their content otherwise. */
export function findChanges(workspace: string, files: readonly SourceFileWithStat[], cache: CachedFacts): FileChanges {
  const unchanged: FileEntry[] = [];
  const changed: SourceFileWithStat[] = [];
  let hasNewStat = false;
  for (const file of files) {
    const entry = cache.entries.get(file.name);
    if (entry && isUnchanged(entry, file.stat, cache.savedAtMs)) unchanged.push(entry);
    else if (entry && hashFile(join(workspace, file.name)) === entry.sha256) {
      unchanged.push({ ...entry, ...file.stat });
      hasNewStat = true;
    } else changed.push(file);
  }
  reportChanges(unchanged.length, changed.length, cache.entries.size > 0);
  return { unchanged, changed, isStale: hasNewStat || unchanged.length < cache.entries.size };
}

/**
 * Reports the number of changed and unchanged files.
 * @param hasCache whether they were looked up in a cache; if so, they are also reported as cache hits and misses
 */
export function reportChanges(unchanged: number, changed: number, hasCache: boolean): void {
  if (hasCache) {
    hashOperation.hit(unchanged);
    hashOperation.miss(changed);
  }
  count('unchanged', unchanged, { component: 'incremental_detection' });
  count('changed', changed, { component: 'incremental_detection' });
}

/** Returns whether the stat is the same as when it was cached, and was old enough then to reveal a later change. */
export function isUnchanged(cached: FileStat, stat: FileStat, savedAtMs: number): boolean {
  return (
    cached.size === stat.size &&
    cached.mtimeMs === stat.mtimeMs &&
    cached.ctimeMs === stat.ctimeMs &&
    cached.ino === stat.ino &&
    cached.ctimeMs < savedAtMs - timestampResolutionMs
  );
}

/** Returns undefined if the file cannot be read. */
export const hashFile = measured('incremental_detection', 'hash_file', (path: string): string | undefined => {
  try {
    return hashOf(readFileSync(path));
  } catch {
    return undefined;
  }
});

const hashOperation = operation('incremental_detection', 'hash_file');

/** First line of the cache file. */
interface Header {
  readonly schema: 'pipescope-facts';
  readonly version: number;
  readonly workspace: string;
  readonly savedAtMs: number;
  readonly files: number;
  /** Hash of everything after the header. */
  readonly sha256: string;
}

/** Loads the cache of a workspace. A cache that is damaged or does not fit is discarded with a reason. */
export const loadFacts = measured(
  'incremental_detection',
  'load_facts',
  (folder: string, workspace: string): CachedFacts => {
    let bytes: Buffer;
    try {
      bytes = readFileSync(cacheFileOf(folder));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      return code === 'ENOENT' ? emptyCache : discardCache(`it cannot be read (${code})`);
    }
    const end = bytes.indexOf(10);
    const header = parseHeader(bytes.subarray(0, Math.max(0, end)).toString());
    if (!header) return discardCache('it is damaged or was not written by Pipescope');
    if (header.version !== factsVersion) return discardCache('it was written by another version');
    if (header.workspace !== workspace) return discardCache(`it belongs to another workspace, ${header.workspace}`);
    const body = bytes.subarray(end + 1);
    if (hashOf(body) !== header.sha256) return discardCache('it is damaged');
    const entries = parseEntries(body.toString());
    return { entries: new Map(entries.map((entry) => [entry.name, entry])), savedAtMs: header.savedAtMs };
  },
);

function discardCache(reason: string): CachedFacts {
  return { ...emptyCache, discarded: reason };
}

function parseHeader(line: string): Header | undefined {
  try {
    const header = JSON.parse(line) as Header | null;
    return header?.schema === 'pipescope-facts' ? header : undefined;
  } catch {
    return undefined;
  }
}

/** Places of the facts in the cache file, by name of the file. */
export interface StoredFacts {
  /** Identifies the content of the cache file. */
  readonly id: string;
  readonly segments: ReadonlyMap<string, Segment>;
}

/** Saves entries for the next run. Throws the file system's error if the file cannot be written. */
export const saveFacts = measured(
  'incremental_detection',
  'save_facts',
  (folder: string, workspace: string, entries: readonly FileEntry[]): StoredFacts => {
    const texts = entries.map(encodeEntry);
    const body = [
      Buffer.from('['),
      ...texts.flatMap((text, index) => (index === 0 ? text : [separator, ...text])),
      Buffer.from(']'),
    ];
    const header: Header = {
      schema: 'pipescope-facts',
      version: factsVersion,
      workspace,
      savedAtMs: Date.now(),
      files: entries.length,
      sha256: hashAll(body),
    };
    const line = Buffer.from(`${JSON.stringify(header)}\n`);
    writeAtomically(cacheFileOf(folder), Buffer.concat([line, ...body]), { mode: 0o600 });
    const segments = new Map<string, Segment>();
    let offset = line.length + 1;
    for (const [index, text] of texts.entries()) {
      const length = text.reduce((sum, part) => sum + part.length, 0);
      const checksum = text.reduce((sum, part) => crc32(part, sum), 0);
      segments.set((entries[index] as FileEntry).name, [offset, length, checksum]);
      offset += length + 1;
    }
    return { id: header.sha256, segments };
  },
);

function parseEntries(text: string): FileEntry[] {
  const entries = JSON.parse(text) as (Omit<FileEntry, 'facts'> & { readonly facts?: EncodedFacts })[];
  return entries.map(({ facts, ...entry }) => (facts ? { ...entry, facts: linkFacts(facts) } : entry));
}

/** Returns the parts of an entry as JSON. */
export function encodeEntry({ factsJson, facts, ...entry }: FileEntry): Uint8Array[] {
  const head = JSON.stringify(entry);
  if (!facts) return [Buffer.from(head)];
  const start = `${head.slice(0, -1)},"facts":`;
  return factsJson
    ? [Buffer.from(start), factsJson, Buffer.from('}')]
    : [Buffer.from(`${start}${encodeFacts(facts)}}`)];
}

const separator = Buffer.from(',');

/** Opens the cache file to read the facts of single files. Returns undefined if it has another content by now. */
export function openStoredFacts(folder: string, id: string): SegmentFile | undefined {
  return SegmentFile.openChecked(
    cacheFileOf(folder),
    (start) => parseHeader(start.split('\n', 1)[0] ?? '')?.sha256 === id,
  );
}

function cacheFileOf(folder: string): string {
  return join(folder, 'facts.json');
}
