/** The rows of the workspace category. */
import type { Check } from '../check.ts';
import { conflictChecks } from './workspace/conflicts.ts';
import { fileChecks } from './workspace/files.ts';
import { stateChecks } from './workspace/state.ts';

export const workspaceChecks: readonly Check[] = [...stateChecks, ...conflictChecks, ...fileChecks];
