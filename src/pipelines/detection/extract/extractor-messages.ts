/** Messages between the main thread and an extractor thread. */
import type { Batch } from '../../../protocol/batch/batch.ts';
import type { ExtractedFile } from './extract-file.ts';
import type { FileError } from './facts.ts';

export interface ExtractionJob {
  /** Path relative to the workspace, with `/`. */
  readonly name: string;
  readonly path: string;
  readonly sizeBytes: number;
  /** Id of the language. */
  readonly language: string;
}

/** A file that an extractor thread has read. */
export interface SentFile {
  readonly sha256: string;
  readonly interfaceHash: string;
  /** JSON in UTF-8: to hand over the bytes takes less time than to copy objects, and they are stored as they are. */
  readonly factsJson: Uint8Array<ArrayBuffer>;
}

export type ExtractionOutcome = { readonly extracted: ExtractedFile } | { readonly error: FileError };

export type ToExtractor =
  | { readonly type: 'batch'; readonly files: readonly ExtractionJob[] }
  | { readonly type: 'end' };

export type FromExtractor =
  | {
      readonly type: 'file';
      readonly name: string;
      readonly outcome: { readonly sent: SentFile } | { readonly error: FileError };
    }
  /** The batch is complete, or was aborted because of a stop. */
  | { readonly type: 'done'; readonly busyNs: number }
  | { readonly type: 'probe'; readonly batch: Batch }
  /** Last message before the thread exits. */
  | { readonly type: 'ended' };

/** Data that a thread receives when it starts. */
export interface ExtractorData {
  /** Set to 1 to stop the run. */
  readonly stop: Int32Array<SharedArrayBuffer>;
}
