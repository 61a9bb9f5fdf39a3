/** Checks of the tool registry category, in the order of the report. */
import type { Check } from '../../check/check.ts';
import { commands } from './commands.ts';
import { documented } from './documented.ts';
import { entryPoints } from './entry-points.ts';

export const registryChecks: readonly Check[] = [commands, entryPoints, documented];
