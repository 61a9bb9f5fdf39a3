/**
 * Stores where the parts of a result are. The first line of the file is the hash of the next two, which are the header and the rows.
 * Each further line replaces the header and some rows, so that a change of one file does not write the rows of all.
 */
import { appendFileSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomically } from '../../process/write-atomically.ts';
import type { FileStat } from './files/cached-facts.ts';
import { hashOf } from './files/content-hash.ts';
import type { Segment } from './files/segment-file.ts';

/** Everything that is stored about one file. */
export interface FileRow {
  readonly name: string;
  readonly stat: FileStat;
  readonly sha256: string;
  /** Place of the facts: in the file of all facts, or in the data file of the result if they are newer. */
  readonly facts?: { readonly isNewer: boolean; readonly segment: Segment };
  /** Place of the lines of the result. */
  readonly result: Segment;
  /** See `hashInterface`. */
  readonly interfaceHash: string;
  readonly hasError: boolean;
  readonly tiers: Readonly<Record<string, number>>;
}

export interface Header {
  readonly schema: 'pipescope-answer';
  readonly version: number;
  readonly workspace: string;
  readonly savedAtMs: number;
  /** See `hashContext`. */
  readonly contextHash: string;
  readonly factsId: string;
  readonly dataId: string;
  readonly links: Segment;
}

type RawRow = readonly [
  name: string,
  stat: readonly [number, number, number, number],
  sha256: string,
  facts: readonly [isNewer: 0 | 1, segment: Segment] | 0,
  result: Segment,
  interfaceHash: string,
  hasError: 0 | 1,
  tiers: Readonly<Record<string, number>>,
];

/** Content of the file when it was read or written. */
interface IndexState {
  /** Hash of the first part, or of the last line and the hash before it. */
  readonly hash: string;
  readonly size: number;
  /** Size of the first part. */
  readonly baseSize: number;
}

export interface ResultIndex {
  readonly header: Header;
  readonly rows: FileRow[];
  readonly state: IndexState;
}

/** Header and rows that a line replaces, by index. */
type Replacement = readonly [header: Header, rows: readonly (readonly [index: number, row: RawRow])[]];

/** The file is written anew once the appended lines have more than this share of it. */
const maxAppendedShare = 0.2;

/** Reads the index. Throws an Error if it is missing or damaged. */
export function loadIndex(folder: string): ResultIndex {
  const bytes = readFileSync(indexFileOf(folder));
  const headStart = bytes.indexOf(10) + 1;
  const rowsStart = bytes.indexOf(10, headStart) + 1;
  const rowsEnd = bytes.indexOf(10, rowsStart);
  const hash = bytes.toString('latin1', 0, headStart - 1);
  if (rowsEnd < 0 || hashOf(bytes.subarray(headStart, rowsEnd)) !== hash) throw new Error('The index is damaged.');
  const index: ResultIndex = {
    header: JSON.parse(bytes.toString('utf8', headStart, rowsStart)) as Header,
    rows: (JSON.parse(bytes.toString('utf8', rowsStart, rowsEnd)) as RawRow[]).map(toRow),
    state: { hash, size: bytes.length, baseSize: rowsEnd + 1 },
  };
  const appended = bytes.toString('utf8', rowsEnd + 1);
  return appended === '' ? index : replay(index, appended.split('\n'));
}

/** Applies appended lines. Throws an Error if one is damaged, or was appended to another content by another process. */
function replay({ header: oldHeader, rows, state }: ResultIndex, lines: readonly string[]): ResultIndex {
  let [header, hash] = [oldHeader, state.hash];
  for (const line of lines.slice(0, -1)) {
    const text = line.slice(line.indexOf(' ') + 1);
    hash = hashOf(`${hash} ${text}`);
    if (!line.startsWith(`${hash} `)) throw new Error('The index is damaged.');
    const [newHeader, replaced] = JSON.parse(text) as Replacement;
    header = newHeader;
    for (const [index, row] of replaced) rows[index] = toRow(row);
  }
  if (lines.at(-1) !== '') throw new Error('The index is cut off.');
  return { header, rows, state: { ...state, hash } };
}

/** Writes a new index. Throws the file system's error. */
export function saveIndex(folder: string, header: Header, rows: FileRow[]): ResultIndex {
  const body = Buffer.from(`${JSON.stringify(header)}\n${JSON.stringify(rows.map(toRaw))}`);
  const hash = hashOf(body);
  const content = Buffer.concat([Buffer.from(`${hash}\n`), body, Buffer.from('\n')]);
  writeAtomically(indexFileOf(folder), content, { mode: 0o600 });
  return { header, rows, state: { hash, size: content.length, baseSize: content.length } };
}

/** Saves an index of which only the header and some rows have changed. Returns it. Throws the file system's error. */
export function replaceRows(
  folder: string,
  { rows: oldRows, state }: ResultIndex,
  header: Header,
  changes: ReadonlyMap<number, FileRow>,
): ResultIndex {
  const rows = [...oldRows];
  for (const [index, row] of changes) rows[index] = row;
  const replacement: Replacement = [header, [...changes].map(([index, row]) => [index, toRaw(row)] as const)];
  const text = JSON.stringify(replacement);
  const hash = hashOf(`${state.hash} ${text}`);
  const line = Buffer.from(`${hash} ${text}\n`);
  const size = state.size + line.length;
  const file = indexFileOf(folder);
  const isUntouched = statSync(file, { throwIfNoEntry: false })?.size === state.size;
  if (!isUntouched || size - state.baseSize > maxAppendedShare * size) return saveIndex(folder, header, rows);
  appendFileSync(file, line);
  return { header, rows, state: { ...state, hash, size } };
}

function toRow([name, stat, sha256, facts, result, interfaceHash, hasError, tiers]: RawRow): FileRow {
  const [size, mtimeMs, ctimeMs, ino] = stat;
  return {
    name,
    stat: { size, mtimeMs, ctimeMs, ino },
    sha256,
    ...(facts === 0 ? {} : { facts: { isNewer: facts[0] === 1, segment: facts[1] } }),
    result,
    interfaceHash,
    hasError: hasError === 1,
    tiers,
  };
}

function toRaw({ name, stat, sha256, facts, result, interfaceHash, hasError, tiers }: FileRow): RawRow {
  const { size, mtimeMs, ctimeMs, ino } = stat;
  return [
    name,
    [size, mtimeMs, ctimeMs, ino],
    sha256,
    facts ? [facts.isNewer ? 1 : 0, facts.segment] : 0,
    result,
    interfaceHash,
    hasError ? 1 : 0,
    tiers,
  ];
}

function indexFileOf(folder: string): string {
  return join(folder, 'answer.jsonl');
}
