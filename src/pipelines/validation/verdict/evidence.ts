/** Evidence: what a check saw, bounded in size and named by its hash. */

import { defined } from '../../../protocol/defined.ts';
import type { Evidence } from '../../../protocol/validation.ts';
import { hashOf } from '../../detection/files/content-hash.ts';
import type { FoundEvidence } from '../check/check.ts';

/** UTF-8 bytes of one item's content, the mark of a cut included. */
export const mostItemBytes = 64 * 1024;
/** UTF-8 bytes of all contents (spec S0-45). */
const muchBytes = 10e6;
const tooMuchBytes = 50e6;

/** The end of these tells how it went; of all else the start is kept. */
const keptAtEnd: ReadonlySet<string> = new Set(['command_output', 'log_entry']);

export function evidenceOf({ kind, content, path, line }: FoundEvidence): Evidence {
  const kept = cutTo(content, mostItemBytes, keptAtEnd.has(kind));
  return {
    kind,
    content: kept,
    ...defined({ path, line }),
    hash: hashOf(kept),
  };
}

/** UTF-8 bytes of the contents, and of nothing else. */
export function evidenceBytes(items: readonly Pick<Evidence, 'content'>[]): number {
  return items.reduce((sum, { content }) => sum + Buffer.byteLength(content), 0);
}

export interface EvidenceNote {
  readonly level: 'warning' | 'error';
  readonly message: string;
}

/** What there is to say of so many bytes; nothing where they are few. */
export function evidenceNote(bytes: number): EvidenceNote | undefined {
  if (bytes <= muchBytes) return undefined;
  const level = bytes > tooMuchBytes ? 'error' : 'warning';
  const limit = level === 'error' ? tooMuchBytes : muchBytes;
  const message = `The evidence takes ${megabytes(bytes)}, more than the ${megabytes(limit)} that are expected: let checks keep less of what they saw.`;
  return { level, message };
}

/** At most `most` bytes, cut where a character ends, with a mark that says how much was left out. */
function cutTo(content: string, most: number, atEnd: boolean): string {
  const total = Buffer.byteLength(content);
  if (total <= most) return content;
  const bytes = Buffer.from(content);
  const room = most - Buffer.byteLength(markOf(total));
  if (atEnd) {
    const from = borderFrom(bytes, total - room, 1);
    return `${markOf(from)}${bytes.toString('utf8', from)}`;
  }
  const end = borderFrom(bytes, room, -1);
  return `${bytes.toString('utf8', 0, end)}${markOf(total - end)}`;
}

const markOf = (left: number): string => `\n[… ${left} bytes left out]\n`;

/** The next place, in this direction, at which a character starts: bytes within one are 10xxxxxx. */
function borderFrom(bytes: Uint8Array, at: number, step: 1 | -1): number {
  let border = at;
  while (((bytes[border] ?? 0) & 0xc0) === 0x80) border += step;
  return border;
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
