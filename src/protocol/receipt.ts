/** What a bundle says of itself, so that any change to it is found: `receipt.json`, `manifest.json` and their verification. */
import { isAmount, isListOf, isOptional, isRecord, isText, isWhole } from './guard.ts';
import type { CheckResult, Validation } from './validation.ts';

export const receiptSchema = 'pipescope-receipt/1';
export const manifestSchema = 'pipescope-manifest/1';

export interface ReceiptCheck
  extends Pick<CheckResult, 'id' | 'category' | 'status' | 'severity' | 'skipReason' | 'durationNs' | 'hash'> {
  /** SHA-256 of the hexadecimal text of the check before it, then its own hash; before the first stand 64 zeros. */
  readonly chain: string;
}

/** The tracked content that was looked at. */
export interface Source {
  /** Git's own id of the tree at `HEAD`. */
  readonly tree: string;
  /** SHA-256 over the tracked files that differ from it; none where none does. */
  readonly dirty?: string;
}

export interface Receipt
  extends Pick<
    Validation,
    'verdict' | 'runVerdict' | 'score' | 'profile' | 'mode' | 'durationNs' | 'startedAt' | 'git' | 'tools'
  > {
  readonly schema: typeof receiptSchema;
  readonly version: '1.0.0';
  /** SHA-256 of the canonical JSON of the profile. */
  readonly profileHash?: string;
  readonly source?: Source;
  readonly checks: readonly ReceiptCheck[];
  /** SHA-256 of `manifest.json`, which names every other file. */
  readonly manifestHash: string;
  /** SHA-256 of the canonical JSON of all the above. */
  readonly hash: string;
}

export interface ManifestFile {
  /** Relative to the bundle, with `/`. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly type: 'report' | 'log' | 'metrics';
}

export interface Manifest {
  readonly schema: typeof manifestSchema;
  /** Every file but the receipt and the manifest itself, by path. */
  readonly files: readonly ManifestFile[];
}

/** What was found when a bundle was checked. */
export interface Verification {
  readonly ok: boolean;
  /** Absolute. */
  readonly folder: string;
  /** One sentence each, which names the file; empty where all is well. */
  readonly faults: readonly string[];
  readonly files: number;
  readonly checks: number;
  /** As the receipt says, where it can be read. */
  readonly hash?: string;
  readonly verdict?: string;
  readonly score?: number;
  readonly profile?: string;
}

const mostRows = 100_000;

export function isReceipt(value: unknown): value is Receipt {
  return (
    isRecord(value) &&
    value['schema'] === receiptSchema &&
    [value['version'], value['verdict'], value['profile'], value['startedAt']].every(isText) &&
    isAmount(value['score']) &&
    isListOf(value['checks'], isReceiptCheck, mostRows) &&
    isText(value['manifestHash']) &&
    isText(value['hash'])
  );
}

export function isManifest(value: unknown): value is Manifest {
  return isRecord(value) && value['schema'] === manifestSchema && isListOf(value['files'], isManifestFile, mostRows);
}

export function isVerification(value: unknown): value is Verification {
  return (
    isRecord(value) &&
    typeof value['ok'] === 'boolean' &&
    isText(value['folder']) &&
    isListOf(value['faults'], isSentence, mostRows) &&
    isWhole(value['files']) &&
    isWhole(value['checks']) &&
    [value['hash'], value['verdict'], value['profile']].every((text) => isOptional(text, isText)) &&
    isOptional(value['score'], isAmount)
  );
}

/** A path or two may stand in it. */
function isSentence(value: unknown): value is string {
  return typeof value === 'string';
}

function isReceiptCheck(value: unknown): value is ReceiptCheck {
  return (
    isRecord(value) && [value['id'], value['category'], value['status'], value['hash'], value['chain']].every(isText)
  );
}

function isManifestFile(value: unknown): value is ManifestFile {
  return isRecord(value) && isText(value['path']) && isWhole(value['bytes']) && isText(value['sha256']);
}
