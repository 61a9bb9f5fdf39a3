/** SAF_TODO: the number of TODO comments does not grow. */
import type { Check } from '../../../check/check.ts';
import { scanTimeoutMs } from '../scan/scan-client.ts';
import { compareWithBaseline } from './compare-baseline.ts';

export const todo: Check = {
  id: 'SAF_TODO',
  category: 'safety',
  severity: 'info',
  minProfile: 'enterprise',
  title: 'No new TODO, FIXME, XXX or HACK comments',
  timeoutMs: scanTimeoutMs,
  lane: 'cheap',
  run: (context) =>
    compareWithBaseline(context, {
      topic: 'todo',
      cacheKey: 'safety.todo/1',
      noun: 'TODO comment',
      pluralNoun: 'TODO comments',
      remediationSteps: ['Do what the comment says, or move it to your issue tracker.'],
    }),
};
