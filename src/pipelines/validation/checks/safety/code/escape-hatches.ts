/** SAF_ESCAPE_HATCHES: the number of escape hatches from type checkers, linters and error handling does not grow. */
import type { Check } from '../../../check/check.ts';
import { scanTimeoutMs } from '../scan/scan-client.ts';
import { compareWithBaseline } from './compare-baseline.ts';

export const escapeHatches: Check = {
  id: 'SAF_ESCAPE_HATCHES',
  category: 'safety',
  severity: 'warning',
  minProfile: 'ci',
  title: 'No new escape hatches: `any`, `@ts-ignore`, bare `except`, `unwrap()`, or disabled linters',
  timeoutMs: scanTimeoutMs,
  lane: 'cheap',
  run: (context) =>
    compareWithBaseline(context, {
      topic: 'hatch',
      cacheKey: 'safety.hatches/1',
      noun: 'escape hatch',
      pluralNoun: 'escape hatches',
      remediationSteps: [
        'Add a type, handle the error, or fix what the linter reports.',
        'If that is not possible, remove another escape hatch that is no longer needed.',
      ],
    }),
};
