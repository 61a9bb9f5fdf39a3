/** The receipt: every result by its hash, each hash chained to the one before, and one hash over the whole. */

import { defined } from '../../../protocol/defined.ts';
import { type Receipt, type ReceiptCheck, receiptSchema, type Source } from '../../../protocol/receipt.ts';
import type { CheckResult, Validation } from '../../../protocol/validation.ts';
import { hashOf } from '../../detection/files/content-hash.ts';
import { canonical } from '../verdict/canonical-json.ts';

/** Stands before the first check of a chain. */
const chainStart = '0'.repeat(64);

/** What was validated by what, where that is known. */
export interface Origin {
  /** The profile as it held; its canonical JSON is hashed. */
  readonly profile?: unknown;
  readonly source?: Source | undefined;
}

/** What of a result is hashed: how long it took is no part of what was found. Of evidence it is the hash of its content. */
export function checkHash(check: Omit<CheckResult, 'hash' | 'durationNs'>): string {
  const { id, category, severity, status, skipReason, message, findings, remediation } = check;
  const evidence = check.evidence.map(({ hash }) => hash).sort();
  return hashOf(canonical({ id, category, status, skipReason, severity, message, evidence, findings, remediation }));
}

/** The link of each hash to all before it, by the hexadecimal texts of both. */
export function chainOf(hashes: readonly string[]): string[] {
  let link = chainStart;
  return hashes.map((hash) => {
    link = hashOf(link + hash);
    return link;
  });
}

export function receiptOf(validation: Validation, manifestHash: string, { profile, source }: Origin = {}): Receipt {
  const { verdict, runVerdict, score, mode, durationNs, startedAt, git, tools } = validation;
  const body: Omit<Receipt, 'hash'> = {
    schema: receiptSchema,
    version: '1.0.0',
    verdict,
    runVerdict,
    score,
    profile: validation.profile,
    ...(profile === undefined ? {} : { profileHash: hashOf(canonical(profile)) }),
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

/** Over all but the hash itself, so verdict, score, profile, mode and the end of the chain are in it. */
export function receiptHash(receipt: Omit<Receipt, 'hash'>): string {
  return hashOf(canonical({ ...receipt, hash: undefined }));
}

/** As the receipt tells of them. */
export function receiptChecks(checks: readonly CheckResult[]): ReceiptCheck[] {
  const chain = chainOf(checks.map(({ hash }) => hash));
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
