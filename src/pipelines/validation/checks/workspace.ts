/** The rows of the workspace category. */
import type { Check } from '../check.ts';
import { conflictChecks } from './workspace/conflicts.ts';
import { fileChecks } from './workspace/files.ts';
import { manifestChecks } from './workspace/manifest.ts';
import { paperChecks } from './workspace/papers.ts';
import { stateChecks } from './workspace/state.ts';
import { syntaxChecks } from './workspace/syntax.ts';
import { toolchainChecks } from './workspace/toolchain.ts';

export const workspaceChecks: readonly Check[] = [
  ...stateChecks,
  ...conflictChecks,
  ...fileChecks,
  ...manifestChecks,
  ...toolchainChecks,
  ...paperChecks,
  ...syntaxChecks,
];
