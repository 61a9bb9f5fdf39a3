/** Checks that the workspace passes its own type checkers. */
import type { Check } from '../../../check/check.ts';
import { compilers } from './compilers.ts';
import { checkWithTools } from './tool.ts';

export const typecheck: Check = {
  id: 'BLD_TYPECHECK',
  category: 'build',
  severity: 'fatal',
  minProfile: 'dev',
  title: 'No type errors',
  // The first run on a large workspace takes minutes. The profile limits the total time.
  timeoutMs: 300_000,
  lane: 'process',
  run: (context) =>
    checkWithTools(compilers, context, {
      notConfigured: 'No type checker is configured (tsconfig.json, mypy, pyright, Go or Rust).',
      clean: (tools) => `No type errors (${tools}).`,
      failed: (count, tools) => `${count} (${tools}).`,
      noun: ['type error', 'type errors'],
      remediation: {
        priority: 'critical',
        title: 'Fix type errors',
        steps: ['Correct each reported line. If a package is not found, install the dependencies first.'],
      },
    }),
};
