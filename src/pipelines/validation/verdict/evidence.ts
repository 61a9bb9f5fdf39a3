/** Evidence of a check's outcome: truncated to a maximum size and identified by its hash. */
import { defined } from '../../../protocol/defined.ts';
import type { Evidence } from '../../../protocol/validation/validation.ts';
import { hashOf } from '../../detection/files/content-hash.ts';
import type { RawEvidence } from '../check/check.ts';

/** Maximum UTF-8 size of one item's content, including the truncation mark. */
export const maxItemBytes = 64 * 1024;
/** UTF-8 sizes of all contents together above which a warning or an error is reported. */
const warningBytes = 10e6;
const errorBytes = 50e6;

/** Kinds of which the end is kept, since it shows the outcome. Of all other kinds the start is kept. */
const keepsEnd: ReadonlySet<string> = new Set(['command_output', 'log_entry']);

export function createEvidence({ kind, content, path, line }: RawEvidence): Evidence {
  const truncated = truncate(content, maxItemBytes, keepsEnd.has(kind));
  return {
    kind,
    content: truncated,
    ...defined({ path, line }),
    hash: hashOf(truncated),
  };
}

/** Returns the UTF-8 size of all contents. */
export function evidenceBytes(items: readonly Pick<Evidence, 'content'>[]): number {
  return items.reduce((sum, { content }) => sum + Buffer.byteLength(content), 0);
}

interface EvidenceNote {
  readonly level: 'warning' | 'error';
  readonly message: string;
}

/** Returns a note if the evidence of a validation is too large, or undefined. */
export function evidenceSizeNote(bytes: number): EvidenceNote | undefined {
  if (bytes <= warningBytes) return undefined;
  const level = bytes > errorBytes ? 'error' : 'warning';
  const limit = level === 'error' ? errorBytes : warningBytes;
  const message = `The evidence takes ${megabytes(bytes)}, which exceeds the limit of ${megabytes(limit)}. Configure checks to produce less output.`;
  return { level, message };
}

/** Truncates at a character boundary and marks how many bytes were omitted. */
function truncate(content: string, maxBytes: number, keepEnd: boolean): string {
  const total = Buffer.byteLength(content);
  if (total <= maxBytes) return content;
  const bytes = Buffer.from(content);
  const available = maxBytes - Buffer.byteLength(truncationMark(total));
  if (keepEnd) {
    const start = nextBoundary(bytes, total - available, 1);
    return `${truncationMark(start)}${bytes.toString('utf8', start)}`;
  }
  const end = nextBoundary(bytes, available, -1);
  return `${bytes.toString('utf8', 0, end)}${truncationMark(total - end)}`;
}

const truncationMark = (omittedBytes: number): string => `\n[… ${omittedBytes} bytes left out]\n`;

/** Returns the nearest start of a character in the given direction; bytes inside a character have the form 10xxxxxx. */
function nextBoundary(bytes: Uint8Array, offset: number, step: 1 | -1): number {
  let boundary = offset;
  while (((bytes[boundary] ?? 0) & 0xc0) === 0x80) boundary += step;
  return boundary;
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
