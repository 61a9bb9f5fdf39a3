/** Stores the complete result of a run, so that the next run can reuse it if no file has changed. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { measured } from '../../probe/api/api.ts';
import { writeAtomically } from '../../process/write-atomically.ts';
import { factsVersion } from './extract/facts.ts';
import { type FileStat, isUnchanged, type SourceFileWithStat } from './files/cached-facts.ts';
import { hashOf } from './files/content-hash.ts';

/** Totals of a run. */
export interface DetectionSummary {
  readonly calls: number;
  /** Number of files with errors. */
  readonly faults: number;
  /** Number of calls by resolution tier. */
  readonly tiers: Readonly<Record<string, number>>;
}

export interface CachedResult {
  readonly summary: DetectionSummary;
  /** Content of the result file. */
  readonly result: Buffer;
}

/** Identifies one version of a file: name, size, mtime, ctime and inode. */
type StatKey = readonly [string, number, number, number, number];

/** Second line of the cache file. The first line is the hash of everything after it; the result follows the header. */
interface Header {
  readonly schema: 'pipescope-answer';
  readonly version: number;
  readonly workspace: string;
  readonly savedAtMs: number;
  /** See `hashContext`. */
  readonly contextHash: string;
  readonly summary: DetectionSummary;
  readonly statKeys: readonly StatKey[];
}

/**
 * Returns the result of the last run if no source file and no configuration has changed since. Returns undefined if the
 * cache is missing, damaged, for another workspace, or written too soon after a change to be reliable.
 */
export const loadCachedResult = measured(
  'incremental_detection',
  'load_answer',
  (
    folder: string,
    workspace: string,
    files: readonly SourceFileWithStat[],
    contextHash: string,
  ): CachedResult | undefined => {
    try {
      const [hash, body] = splitFirstLine(readFileSync(cacheFileOf(folder)));
      if (hashOf(body) !== hash.toString()) return undefined;
      const [head, result] = splitFirstLine(body);
      const header = JSON.parse(head.toString()) as Header;
      const isValid =
        header.schema === 'pipescope-answer' &&
        header.version === factsVersion &&
        header.workspace === workspace &&
        header.contextHash === contextHash &&
        header.statKeys.length === files.length &&
        files.every((file, index) => matchesStatKey(file, header.statKeys[index], header.savedAtMs));
      return isValid ? { summary: header.summary, result } : undefined;
    } catch {
      return undefined;
    }
  },
);

/** Returns the first line and the rest. */
function splitFirstLine(bytes: Buffer): [Buffer, Buffer] {
  const end = bytes.indexOf(10);
  return [bytes.subarray(0, Math.max(0, end)), bytes.subarray(end + 1)];
}

function matchesStatKey({ name, stat }: SourceFileWithStat, key: StatKey | undefined, savedAtMs: number): boolean {
  if (key?.[0] !== name) return false;
  const [, size, mtimeMs, ctimeMs, ino] = key;
  return isUnchanged({ size, mtimeMs, ctimeMs, ino }, stat, savedAtMs);
}

/** Stores a result. Errors are ignored because the run does not depend on the cache. */
export const saveCachedResult = measured(
  'incremental_detection',
  'save_answer',
  (
    folder: string,
    workspace: string,
    files: readonly SourceFileWithStat[],
    contextHash: string,
    { summary, result }: CachedResult,
  ): void => {
    const header: Header = {
      schema: 'pipescope-answer',
      version: factsVersion,
      workspace,
      savedAtMs: Date.now(),
      contextHash,
      summary,
      statKeys: files.map(({ name, stat }) => statKeyOf(name, stat)),
    };
    const body = Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), result]);
    try {
      const content = Buffer.concat([Buffer.from(`${hashOf(body)}\n`), body]);
      writeAtomically(cacheFileOf(folder), content, { mode: 0o600 });
    } catch {
      // The next run computes the result again.
    }
  },
);

function statKeyOf(name: string, { size, mtimeMs, ctimeMs, ino }: FileStat): StatKey {
  return [name, size, mtimeMs, ctimeMs, ino];
}

function cacheFileOf(folder: string): string {
  return join(folder, 'answer.jsonl');
}
