/** Whether the code keeps to the rules and the layout that its own tools hold it to. */
import type { Check } from '../../../check/check.ts';
import { formatters } from './formatters.ts';
import { linters } from './linters.ts';
import { judged } from './tool.ts';

const lint: Check = {
  id: 'BLD_LINT',
  category: 'build',
  severity: 'warning',
  from: 'ci',
  title: 'The linters of the workspace find nothing',
  // A first look at a large workspace takes minutes; how long a run may take is the profile's matter.
  timeoutMs: 300_000,
  lane: 'process',
  run: (context) =>
    judged(linters, context, {
      none: 'No linter is set up: no ESLint, Oxlint, Biome or Ruff, and no Rust with a lock or Go.',
      clean: (tools) => `${tools}: nothing found.`,
      found: (count, tools) => `${count} by ${tools}.`,
      noun: ['fault', 'faults'],
      remediation: {
        priority: 'medium',
        title: 'Mend what the linter finds',
        steps: ['Let the linter mend what it can, then open each place that is left.'],
      },
    }),
};

const format: Check = {
  id: 'BLD_FORMAT',
  category: 'build',
  severity: 'warning',
  from: 'ci',
  title: 'The code is laid out as its formatter would',
  timeoutMs: 20_000,
  lane: 'process',
  run: (context) =>
    judged(formatters, context, {
      none: 'No formatter is set up: no Prettier, Biome, Ruff or Black, and no Rust or Go.',
      clean: (tools) => `${tools}: every file is laid out as it would.`,
      found: (count, tools) => `${count} not laid out as ${tools} would.`,
      noun: ['file is', 'files are'],
      remediation: {
        priority: 'low',
        title: 'Format the files',
        steps: ['Let the formatter write them, and commit them by themselves.'],
      },
    }),
};

export const styleChecks: readonly Check[] = [lint, format];
