/** Checks of the generation category, in the order of the report. */
import type { Check } from '../../check/check.ts';
import { dryRun } from './dry-run.ts';
import { fresh } from './fresh.ts';
import { generationConfig } from './generation-config.ts';
import { handEdits } from './hand-edits.ts';
import { inventory } from './inventory.ts';
import { templates } from './templates.ts';

export const generationChecks: readonly Check[] = [generationConfig, inventory, handEdits, fresh, templates, dryRun];
