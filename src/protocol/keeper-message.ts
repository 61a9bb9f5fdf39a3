/**
 * Messages from the keeper of a run to its host, sent along with the batches; the host answers with `Control`. Each message
 * is complete or carries its position, so that it can be repeated to the next host.
 */
import { amount, boolean, type Infer, literal, map, optional, tagged, text, whole } from './schema.ts';
import { isTreeUsage } from './tree-sample.ts';

/** Maximum length of a piece of output, of an environment variable and of the end of stderr, in UTF-16 code units. */
export const maxPieceLength = 1024 * 1024;

function piece(value: unknown): value is string {
  return typeof value === 'string' && value.length <= maxPieceLength;
}

const outputStream = literal('stdout', 'stderr');
export type OutputStream = Infer<typeof outputStream>;

export const isKeeperMessage = tagged('type', {
  /** The program is running. Batches recorded before this message were sent before it. */
  started: {
    pid: optional(whole),
    /** Variables that other programs need in their environment to report to this run, if it waits for such programs. */
    environment: optional(map(piece)),
  },
  /** Time since the start of the run. Sent before everything else to a host that connects to a run in progress. */
  clock: { elapsedMs: amount },
  output: {
    stream: outputStream,
    /** Number of UTF-16 code units printed before this text. */
    at: whole,
    text: piece,
  },
  /** Data that could not be read. */
  faults: {
    /** Number of faults so far. */
    times: whole,
    /** Description of the first fault. */
    first: text,
    /** Numbers of calls and of other values in what was lost so far, as far as they are known. */
    calls: optional(whole),
    values: optional(whole),
  },
  ended: {
    exitCode: optional(whole),
    signal: optional(text),
    /** Last part of what the program wrote to stderr. */
    stderr: piece,
    stopped: boolean,
    /** Resource use of the program and its descendants, as far as it is known. */
    usage: optional(isTreeUsage),
  },
  /** The program could not be started; `message` is shown to the user. */
  failed: { message: piece },
});
export type KeeperMessage = Infer<typeof isKeeperMessage>;
