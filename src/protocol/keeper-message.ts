/**
 * What the keeper of a run tells the host that looks at it, beside the batches; a host answers in the words of `control.ts`.
 * Each is complete or numbered, so that it can be said again to the next host.
 */
import { isMapOf, isOptional, isRecord, isText, isWhole } from './guard.ts';

/** Longest piece of output, variable or end of standard error, in UTF-16 code units. */
export const longestPiece = 1024 * 1024;

export type Kept =
  /** The program runs; whatever was recorded before has been told when this is said. */
  | {
      readonly type: 'started';
      readonly pid?: number;
      /** What other programs need in their environment to report to this run, where it waits for such. */
      readonly environment?: Readonly<Record<string, string>>;
    }
  /** `at`: UTF-16 code units that it has printed before. */
  | { readonly type: 'output'; readonly stream: Stream; readonly at: number; readonly text: string }
  /** What could not be read: how often so far, and what it was the first time. */
  | { readonly type: 'faults'; readonly times: number; readonly first: string }
  | {
      readonly type: 'ended';
      readonly exitCode?: number;
      readonly signal?: string;
      readonly stderr: string;
      readonly stopped: boolean;
    }
  /** It could not be started; `message` is for people. */
  | { readonly type: 'failed'; readonly message: string };

export type Stream = 'stdout' | 'stderr';

export function isKept(value: unknown): value is Kept {
  if (!isRecord(value)) return false;
  switch (value['type']) {
    case 'started':
      return (
        isOptional(value['pid'], isWhole) &&
        (value['environment'] === undefined || isMapOf(value['environment'], isPiece))
      );
    case 'output':
      return (
        (value['stream'] === 'stdout' || value['stream'] === 'stderr') && isWhole(value['at']) && isPiece(value['text'])
      );
    case 'faults':
      return isWhole(value['times']) && isText(value['first']);
    case 'ended':
      return (
        isOptional(value['exitCode'], isWhole) &&
        isOptional(value['signal'], isText) &&
        isPiece(value['stderr']) &&
        typeof value['stopped'] === 'boolean'
      );
    case 'failed':
      return isPiece(value['message']);
    default:
      return false;
  }
}

function isPiece(value: unknown): value is string {
  return typeof value === 'string' && value.length <= longestPiece;
}
