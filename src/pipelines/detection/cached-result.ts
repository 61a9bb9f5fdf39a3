/** The whole answer of the last run, kept so that a run in which nothing has changed has nothing to work out. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { measured } from '../../probe/api/api.ts';
import { factsVersion } from './extract/facts.ts';
import { hashOf } from './files/content-hash.ts';
import { type Found, isAsKept, type Stat } from './files/incremental.ts';

/** What a run found out besides the lines of its result. */
export interface Summary {
  readonly calls: number;
  /** Files that are missing or broken. */
  readonly faults: number;
  readonly tiers: Readonly<Record<string, number>>;
}

export interface Answer {
  readonly summary: Summary;
  readonly result: Buffer;
}

/** How one file looked: name, size, mtime, ctime, number. */
type Look = readonly [string, number, number, number, number];

/** Second line of the file, after the hash of all that follows and before the result. */
interface Header {
  readonly schema: 'pipescope-answer';
  readonly version: number;
  readonly workspace: string;
  readonly savedAtMs: number;
  /** Of the list of all files and of what configures their imports. */
  readonly surroundings: string;
  readonly summary: Summary;
  readonly looks: readonly Look[];
}

/**
 * The answer of the last run, where every file looks as it did then and nothing around them has changed; else nothing.
 * What is damaged, foreign or too young to be told from a change is not used: the run then works it out.
 */
export const loadAnswer = measured(
  'incremental_detection',
  'load_answer',
  (folder: string, workspace: string, found: readonly Found[], surroundings: string): Answer | undefined => {
    try {
      const [hash, body] = cut(readFileSync(fileOf(folder)));
      if (hashOf(body) !== hash.toString()) return undefined;
      const [head, result] = cut(body);
      const header = JSON.parse(head.toString()) as Header;
      const fits =
        header.schema === 'pipescope-answer' &&
        header.version === factsVersion &&
        header.workspace === workspace &&
        header.surroundings === surroundings &&
        header.looks.length === found.length &&
        found.every((file, index) => looksAs(file, header.looks[index], header.savedAtMs));
      return fits ? { summary: header.summary, result } : undefined;
    } catch {
      return undefined;
    }
  },
);

/** A first line and the rest. */
function cut(bytes: Buffer): [Buffer, Buffer] {
  const end = bytes.indexOf(10);
  return [bytes.subarray(0, Math.max(0, end)), bytes.subarray(end + 1)];
}

function looksAs({ name, stat }: Found, look: Look | undefined, savedAtMs: number): boolean {
  if (look?.[0] !== name) return false;
  const [, size, mtimeMs, ctimeMs, ino] = look;
  return isAsKept({ size, mtimeMs, ctimeMs, ino }, stat, savedAtMs);
}

/** Keeps the answer to these files: all or nothing. That it cannot be kept is no fault of the run. */
export const saveAnswer = measured(
  'incremental_detection',
  'save_answer',
  (folder: string, workspace: string, found: readonly Found[], surroundings: string, answer: Answer): void => {
    const look = ({ size, mtimeMs, ctimeMs, ino }: Stat, name: string): Look => [name, size, mtimeMs, ctimeMs, ino];
    const header: Header = {
      schema: 'pipescope-answer',
      version: factsVersion,
      workspace,
      savedAtMs: Date.now(),
      surroundings,
      summary: answer.summary,
      looks: found.map(({ name, stat }) => look(stat, name)),
    };
    const body = Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), answer.result]);
    const draft = `${fileOf(folder)}.${process.pid}`;
    try {
      mkdirSync(folder, { recursive: true });
      writeFileSync(draft, `${hashOf(body)}\n`, { mode: 0o600 });
      writeFileSync(draft, body, { flag: 'a' });
      renameSync(draft, fileOf(folder));
    } catch {
      rmSync(draft, { force: true });
    }
  },
);

function fileOf(folder: string): string {
  return join(folder, 'answer.jsonl');
}
