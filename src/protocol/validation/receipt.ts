/**
 * Files that reveal any later change to a validation bundle (`receipt.json` and `manifest.json`), and the result of
 * verifying them.
 */
import {
  amount,
  boolean,
  type Infer,
  list,
  literal,
  longText,
  object,
  openText,
  optional,
  text,
  unchecked,
  uncheckedOptional,
  whole,
} from '../schema.ts';
import { type CheckResult, type CheckStatus, maxReportRows, type Validation } from './validation.ts';

export const receiptSchema = 'pipescope-receipt/1';
export const manifestSchema = 'pipescope-manifest/1';

const receiptCheck = object({
  id: text,
  category: text,
  status: openText<CheckStatus>(),
  severity: unchecked<CheckResult['severity']>(),
  skipReason: uncheckedOptional<NonNullable<CheckResult['skipReason']>>(),
  durationNs: unchecked<number>(),
  hash: text,
  /** SHA-256 of the previous check's `chain` as hexadecimal text, followed by this check's `hash`. Starts with 64 zeros. */
  chain: text,
});
export type ReceiptCheck = Infer<typeof receiptCheck>;

/** Git state of the content that was validated. */
export interface SourceTree {
  /** Object ID of the tree at `HEAD`. */
  readonly tree: string;
  /** SHA-256 of the tracked files that differ from the tree; absent if none does. */
  readonly dirty?: string;
}

export const isReceipt = object({
  schema: literal(receiptSchema),
  version: openText<'1.0.0'>(),
  verdict: openText<Validation['verdict']>(),
  runVerdict: unchecked<Validation['runVerdict']>(),
  score: amount,
  profile: text,
  mode: unchecked<Validation['mode']>(),
  durationNs: unchecked<number>(),
  startedAt: text,
  git: uncheckedOptional<NonNullable<Validation['git']>>(),
  tools: unchecked<Validation['tools']>(),
  /** SHA-256 of the canonical JSON of the profile. */
  profileHash: uncheckedOptional<string>(),
  source: uncheckedOptional<SourceTree>(),
  checks: list(receiptCheck, maxReportRows),
  /** SHA-256 of `manifest.json`, which lists every other file. */
  manifestHash: text,
  /** SHA-256 of the canonical JSON of all other properties. */
  hash: text,
});
export type Receipt = Infer<typeof isReceipt>;

const manifestFile = object({
  /** Relative to the bundle, with `/`. */
  path: text,
  bytes: whole,
  sha256: text,
  type: unchecked<'report' | 'log' | 'metrics'>(),
});

export const isManifest = object({
  schema: literal(manifestSchema),
  /** Every file except the receipt and the manifest itself, sorted by path. */
  files: list(manifestFile, maxReportRows),
});
export type Manifest = Infer<typeof isManifest>;

export const isVerification = object({
  ok: boolean,
  /** Absolute path. */
  folder: text,
  /** One sentence for each fault, with the name of the file; empty if the bundle is intact. */
  faults: list(longText, maxReportRows),
  files: whole,
  checks: whole,
  /** Hash in the receipt. This and the following properties are absent if the receipt cannot be read. */
  hash: optional(text),
  verdict: optional(text),
  score: optional(amount),
  profile: optional(text),
});
/** Result of verifying a bundle. */
export type Verification = Infer<typeof isVerification>;
