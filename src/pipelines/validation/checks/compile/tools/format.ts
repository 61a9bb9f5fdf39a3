/** Checks that the code is formatted by the workspace's own formatters. */
import type { Check } from '../../../check/check.ts';
import { formatters } from './formatters.ts';
import { checkWithTools } from './tool.ts';

export const format: Check = {
  id: 'BLD_FORMAT',
  category: 'build',
  severity: 'warning',
  minProfile: 'ci',
  title: 'Code is formatted',
  timeoutMs: 20_000,
  lane: 'process',
  run: (context) =>
    checkWithTools(formatters, context, {
      notConfigured: 'No formatter is configured (Prettier, Biome, Ruff, Black, Rust or Go).',
      clean: (tools) => `All files are formatted (${tools}).`,
      failed: (count, tools) => `${count} not formatted (${tools}).`,
      noun: ['file is', 'files are'],
      remediation: {
        priority: 'low',
        title: 'Format the files',
        steps: ['Run the formatter and commit the result separately.'],
      },
    }),
};
