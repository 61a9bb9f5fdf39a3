/** The rows of the workspace category. */
import type { Check } from '../check.ts';

export const workspaceChecks: readonly Check[] = [];
