/** The rows of the workspace category. */
import type { Check } from '../../check/check.ts';
import { syntaxChecks } from './config/config-parse.ts';
import { manifestChecks } from './config/manifest.ts';
import { toolchainChecks } from './config/toolchain.ts';
import { paperChecks } from './files/docs.ts';
import { fileChecks } from './files/large-files.ts';
import { conflictChecks } from './git/conflicts.ts';
import { stateChecks } from './git/git-clean.ts';

export const workspaceChecks: readonly Check[] = [
  ...stateChecks,
  ...conflictChecks,
  ...fileChecks,
  ...manifestChecks,
  ...toolchainChecks,
  ...paperChecks,
  ...syntaxChecks,
];
