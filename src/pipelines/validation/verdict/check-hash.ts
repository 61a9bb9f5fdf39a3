import type { CheckResult } from '../../../protocol/validation/validation.ts';
import { hashOf } from '../../detection/files/content-hash.ts';
import { canonicalJson } from './canonical-json.ts';

/** Hashes a result without its duration, so that equal findings have equal hashes. Evidence is included by its own hash. */
export function checkHash(check: Omit<CheckResult, 'hash' | 'durationNs'>): string {
  const { id, category, severity, status, skipReason, stopped, message, findings, remediation } = check;
  const evidence = check.evidence.map(({ hash }) => hash).sort();
  return hashOf(
    canonicalJson({ id, category, status, skipReason, stopped, severity, message, evidence, findings, remediation }),
  );
}
