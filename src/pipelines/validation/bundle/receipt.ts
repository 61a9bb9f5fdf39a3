/** Receipt of a validation: the hash of every result, a chain of these hashes, and one hash of the whole receipt. */
import { defined } from '../../../protocol/defined.ts';
import {
  type Receipt,
  type ReceiptCheck,
  receiptSchema,
  type SourceTree,
} from '../../../protocol/validation/receipt.ts';
import type { CheckResult, Validation } from '../../../protocol/validation/validation.ts';
import { hashOf } from '../../detection/files/content-hash.ts';
import { canonicalJson } from '../verdict/canonical-json.ts';

/** Link before the first check of a chain. */
const chainStart = '0'.repeat(64);

/** Profile and source that were validated, if known. */
export interface ReceiptOrigin {
  /** Profile with all overrides applied. The receipt contains the hash of its canonical JSON. */
  readonly profile?: unknown;
  readonly source?: SourceTree | undefined;
}

/** Returns a link per hash: the hash of the previous link and this hash, both in hexadecimal. */
export function chainHashes(hashes: readonly string[]): string[] {
  let link = chainStart;
  return hashes.map((hash) => {
    link = hashOf(link + hash);
    return link;
  });
}

export function createReceipt(
  validation: Validation,
  manifestHash: string,
  { profile, source }: ReceiptOrigin = {},
): Receipt {
  const { verdict, runVerdict, score, mode, durationNs, startedAt, git, tools } = validation;
  const body: Omit<Receipt, 'hash'> = {
    schema: receiptSchema,
    version: '1.0.0',
    verdict,
    runVerdict,
    score,
    profile: validation.profile,
    ...(profile === undefined ? {} : { profileHash: hashOf(canonicalJson(profile)) }),
    mode,
    durationNs,
    startedAt,
    ...defined({ git, source }),
    tools,
    checks: receiptChecks(validation.checks),
    manifestHash,
  };
  return { ...body, hash: receiptHash(body) };
}

/** Hashes everything except the hash itself, including verdict, score, profile, mode and the end of the chain. */
export function receiptHash(receipt: Omit<Receipt, 'hash'>): string {
  return hashOf(canonicalJson({ ...receipt, hash: undefined }));
}

/** Converts results to rows of the receipt. */
export function receiptChecks(checks: readonly CheckResult[]): ReceiptCheck[] {
  const chain = chainHashes(checks.map(({ hash }) => hash));
  return checks.map(({ id, category, status, severity, skipReason, durationNs, hash }, index) => ({
    id,
    category,
    status,
    severity,
    ...defined({ skipReason }),
    durationNs,
    hash,
    chain: chain[index] as string,
  }));
}
