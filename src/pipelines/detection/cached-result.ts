/** Stores the result of a run by file, so that the next run only computes the parts that depend on changed files. */
import { join } from 'node:path';
import { measured } from '../../probe/api/api.ts';
import { defined } from '../../protocol/defined.ts';
import { type EncodedFacts, linkFacts } from './extract/facts/encode-facts.ts';
import { type Facts, factsVersion } from './extract/facts.ts';
import { type FileStat, isUnchanged, type SourceFileWithStat, type StoredFacts } from './files/cached-facts.ts';
import { type Segment, SegmentFile } from './files/segment-file.ts';
import type { ModuleConfig } from './resolve/modules/module-config.ts';
import { type FileRow, type Header, loadIndex, type ResultIndex, replaceRows, saveIndex } from './result-index.ts';

/** Totals of a run. */
export interface DetectionSummary {
  readonly calls: number;
  /** Number of files with errors. */
  readonly faults: number;
  /** Number of calls by resolution tier. */
  readonly tiers: Readonly<Record<string, number>>;
}

/** Links between the files of a workspace. Files are indexes of rows. */
export interface Links {
  readonly config: ModuleConfig;
  /** By file: files that its imports lead to; a text is a folder, ending with `/`, of which all modules are meant. */
  readonly targets: readonly (readonly (number | string)[])[];
  /** By file: names of methods that its calls on unknown receivers were compared with. */
  readonly fallbacks: readonly (readonly string[])[];
  /** By file: names of the methods that it defines. */
  readonly methods: readonly (readonly string[])[];
  /** Files with `declare module` blocks. */
  readonly ambient: readonly number[];
}

export interface CachedResult extends ResultIndex {
  readonly data: SegmentFile;
  /** The links that `header.links` stands for, once they were read. */
  readonly links?: Links;
}

/** Loads the stored result of a workspace. Returns undefined if it is missing, damaged or does not fit. */
export const loadCachedResult = measured(
  'incremental_detection',
  'load_answer',
  (folder: string, workspace: string, contextHash: string): CachedResult | undefined => {
    try {
      const index = loadIndex(folder);
      const { header } = index;
      const isValid =
        header.schema === 'pipescope-answer' &&
        header.version === factsVersion &&
        header.workspace === workspace &&
        header.contextHash === contextHash;
      const data = isValid ? SegmentFile.open(dataFileOf(folder), header.dataId) : undefined;
      return data && { ...index, data };
    } catch {
      return undefined;
    }
  },
);

/** Returns the indexes of the changed files, or undefined if files were added or removed. */
export function findChangedRows(
  { rows, header }: CachedResult,
  files: readonly SourceFileWithStat[],
): number[] | undefined {
  if (rows.length !== files.length) return undefined;
  const changed: number[] = [];
  for (let index = 0; index < files.length; index++) {
    const { name, stat } = files[index] as SourceFileWithStat;
    const row = rows[index] as FileRow;
    if (row.name !== name) return undefined;
    if (!isUnchanged(row.stat, stat, header.savedAtMs)) changed.push(index);
  }
  return changed;
}

export function summarizeRows(rows: readonly Pick<FileRow, 'hasError' | 'tiers'>[]): DetectionSummary {
  const tiers: Record<string, number> = {};
  let calls = 0;
  let faults = 0;
  for (const row of rows) {
    if (row.hasError) faults++;
    for (const tier of Object.keys(row.tiers)) {
      const times = row.tiers[tier] as number;
      tiers[tier] = (tiers[tier] ?? 0) + times;
      calls += times;
    }
  }
  return { calls, faults, tiers };
}

/** Part of a result that belongs to one file. */
export interface ResultPart extends Omit<FileRow, 'result' | 'facts' | 'stat'> {
  readonly stat: FileStat;
  readonly lines: Buffer;
}

/** Stores a complete result. Errors are ignored because the run does not depend on the cache. */
export const saveCachedResult = measured(
  'incremental_detection',
  'save_answer',
  (
    folder: string,
    workspace: string,
    contextHash: string,
    parts: readonly ResultPart[],
    links: Links,
    stored: StoredFacts,
  ): void => {
    try {
      const contents = [...parts.map(({ lines }) => lines), Buffer.from(JSON.stringify(links))];
      const { id, segments } = SegmentFile.create(dataFileOf(folder), contents);
      const rows = parts.map(({ lines: _, ...part }, index): FileRow => {
        const segment = stored.segments.get(part.name);
        return {
          ...part,
          result: segments[index] as Segment,
          ...(segment ? { facts: { isNewer: false, segment } } : {}),
        };
      });
      saveIndex(
        folder,
        {
          schema: 'pipescope-answer',
          version: factsVersion,
          workspace,
          savedAtMs: Date.now(),
          contextHash,
          factsId: stored.id,
          dataId: id,
          links: segments.at(-1) as Segment,
        },
        rows,
      );
    } catch {
      // The next run computes the result again.
    }
  },
);

/** A file whose part of the result is replaced. */
export interface ReplacedPart {
  readonly index: number;
  readonly row: Omit<FileRow, 'result' | 'facts'>;
  readonly lines: Buffer;
  /** New facts as JSON, if the file has changed. */
  readonly facts?: Buffer;
}

/** The data file is written anew once its unused parts are larger than the others. */
const maxGrowth = 2;

/**
 * Replaces the parts of some files. Returns the new state. Throws the file system's error.
 * @param stats new stats of files, by index
 */
export const patchCachedResult = measured(
  'incremental_detection',
  'patch_answer',
  (
    folder: string,
    cached: CachedResult,
    parts: readonly ReplacedPart[],
    links: Links | undefined,
    stats: ReadonlyMap<number, FileStat>,
  ): CachedResult => {
    const contents = parts.flatMap(({ lines, facts }) => (facts ? [lines, facts] : [lines]));
    const linksContent = links ? [Buffer.from(JSON.stringify(links))] : [];
    const segments = cached.data.append([...contents, ...linksContent]);
    const changes = new Map<number, FileRow>();
    for (const [index, stat] of stats) changes.set(index, { ...(cached.rows[index] as FileRow), stat });
    let next = 0;
    for (const { index, row, facts } of parts) {
      const result = segments[next++] as Segment;
      const old = cached.rows[index]?.facts;
      const place = facts ? { isNewer: true, segment: segments[next++] as Segment } : old;
      changes.set(index, { ...row, result, ...(place ? { facts: place } : {}) });
    }
    const header: Header = {
      ...cached.header,
      savedAtMs: Date.now(),
      links: links ? (segments.at(-1) as Segment) : cached.header.links,
    };
    const index = replaceRows(folder, cached, header, changes);
    const used = index.rows.reduce((sum, row) => sum + row.result[1], 0);
    // An index that does not fit its data is ignored, so the next run computes and writes all of it.
    if (cached.data.size > maxGrowth * used + 20e6) saveIndex(folder, { ...header, version: -1 }, []);
    return { ...index, data: cached.data, ...defined({ links: links ?? cached.links }) };
  },
);

/** Returns the links between the files. Throws a `DamagedSegmentError` if they were changed by something else. */
export function readLinks({ links, data, header }: CachedResult): Links {
  return links ?? (JSON.parse(data.read(header.links).toString()) as Links);
}

/** Reads the facts of a file. Throws a `DamagedSegmentError` if they were changed by something else. */
export function readFacts({ data }: CachedResult, facts: SegmentFile | undefined, row: FileRow): Facts | undefined {
  if (!row.facts) return undefined;
  const file = row.facts.isNewer ? data : facts;
  const entry = file && (JSON.parse(file.read(row.facts.segment).toString()) as { readonly facts?: EncodedFacts });
  return entry?.facts && linkFacts(entry.facts);
}

function dataFileOf(folder: string): string {
  return join(folder, 'answer.data');
}
