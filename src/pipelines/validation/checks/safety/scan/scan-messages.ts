/** Messages between a scan and its worker thread. */
import type { Secret, SecretContext } from '../secrets/find-secrets.ts';
import type { RuleMatch } from './scan.ts';

export type ScanKind = 'code' | 'secrets';

export interface ScanJob {
  /** Relative to the root. */
  readonly file: string;
  readonly context: SecretContext;
}

export interface ScanWorkerData {
  readonly kind: ScanKind;
  readonly root: string;
  readonly jobs: readonly ScanJob[];
  /** Content hashes with cached results, which need no scan. */
  readonly knownHashes: readonly string[];
}

/**
 * Result of one file. `matches` is absent if the hash is known. `not_text` is a missing or binary file; `large` is a file
 * above `maxTextBytes`.
 */
export type FileResult =
  | { readonly hash: string; readonly matches?: readonly (RuleMatch | Secret)[] }
  | 'not_text'
  | 'large';

/** The results arrive in the order of the jobs, several per message. */
export type FromScanWorker =
  | { readonly type: 'results'; readonly results: readonly FileResult[] }
  | { readonly type: 'end' };

/** Larger files are treated as data rather than text. */
export const maxTextBytes = 2_000_000;
