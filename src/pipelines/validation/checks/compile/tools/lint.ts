/** Checks that the workspace passes its own linters. */
import type { Check } from '../../../check/check.ts';
import { linters } from './linters.ts';
import { checkWithTools } from './tool.ts';

export const lint: Check = {
  id: 'BLD_LINT',
  category: 'build',
  severity: 'warning',
  minProfile: 'ci',
  title: 'No lint errors',
  // The first run on a large workspace takes minutes. The profile limits the total time.
  timeoutMs: 300_000,
  lane: 'process',
  run: (context) =>
    checkWithTools(linters, context, {
      notConfigured: 'No linter is configured (ESLint, Oxlint, Biome, Ruff, Go or Rust).',
      clean: (tools) => `No lint errors (${tools}).`,
      failed: (count, tools) => `${count} (${tools}).`,
      noun: ['lint error', 'lint errors'],
      remediation: {
        priority: 'medium',
        title: 'Fix lint errors',
        steps: ['Run the linter with its fix option, then correct the remaining lines.'],
      },
    }),
};
