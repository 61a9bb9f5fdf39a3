/** Whether the types of the workspace fit, by its own compilers. */
import type { Check } from '../../../check/check.ts';
import { compilers } from './compilers.ts';
import { judged } from './tool.ts';

const types: Check = {
  id: 'BLD_TYPECHECK',
  category: 'build',
  severity: 'fatal',
  from: 'dev',
  title: 'The types fit, by the compilers of the workspace',
  // A first look at a large workspace takes minutes; how long a run may take is the profile's matter.
  timeoutMs: 300_000,
  lane: 'process',
  run: (context) =>
    judged(compilers, context, {
      none: 'No type checker is set up: no tsconfig.json, mypy or pyright, and no Rust with a lock or Go.',
      clean: (tools) => `${tools}: no error.`,
      found: (count, tools) => `${count} by ${tools}.`,
      noun: ['type error', 'type errors'],
      remediation: {
        priority: 'critical',
        title: 'Mend the types',
        steps: ['Open each place that is named. Where a package is not found, install the packages first.'],
      },
    }),
};

export const typeChecks: readonly Check[] = [types];
