/** The words between a check and the thread that reads all texts for it. */
import type { Secret } from '../secrets/find-secrets.ts';
import type { Hit } from './scan.ts';

export type SweepKind = 'code' | 'secrets';

export interface Job {
  /** Relative to the root. */
  readonly file: string;
  /** A test, or for secrets a paper: what people write there as an example is none of a program's. */
  readonly free: boolean;
}

export interface SweeperData {
  readonly kind: SweepKind;
  readonly root: string;
  readonly jobs: readonly Job[];
  /** Contents that are known to hold nothing, or what they hold: they are not looked at again. */
  readonly known: readonly string[];
}

/** `none`: it is gone, binary, or no file; `large`: above what is read as a text. */
export type Look = { readonly hash: string; readonly found?: readonly (Hit | Secret)[] } | 'none' | 'large';

/** In the order of the jobs, some at a time. */
export type FromSweeper = { readonly type: 'looks'; readonly looks: readonly Look[] } | { readonly type: 'end' };

/** Above it a text is data. */
export const mostBytes = 2_000_000;
