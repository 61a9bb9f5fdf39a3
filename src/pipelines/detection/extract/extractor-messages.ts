/** What the main thread and an extractor thread say to each other: two unions, named by direction. */
import type { Batch } from '../../../protocol/event.ts';
import type { Extracted } from './extract-file.ts';
import type { FileError } from './facts.ts';

export interface Work {
  /** Path in the workspace, with `/`. */
  readonly name: string;
  readonly path: string;
  readonly sizeBytes: number;
  /** Id of the language. */
  readonly language: string;
}

export type Outcome = { readonly extracted: Extracted } | { readonly error: FileError };

export type ToExtractor = { readonly type: 'batch'; readonly files: readonly Work[] } | { readonly type: 'end' };

export type FromExtractor =
  | { readonly type: 'file'; readonly name: string; readonly outcome: Outcome }
  /** The batch is through, or was left early because of a stop. */
  | { readonly type: 'done'; readonly busyNs: number }
  | { readonly type: 'probe'; readonly batch: Batch }
  /** All is sent: the thread ends. */
  | { readonly type: 'ended' };

/** What a thread gets at its start: one shared number that is 1 once the run is to stop. */
export interface ExtractorData {
  readonly stop: Int32Array<SharedArrayBuffer>;
}
