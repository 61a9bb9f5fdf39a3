/** The rows of the generation category. */
import type { Check } from '../../check/check.ts';
import { dryChecks } from './dry-run.ts';
import { changeChecks } from './hand-edits.ts';
import { inventoryChecks } from './inventory.ts';
import { templateChecks } from './templates.ts';

export const generationChecks: readonly Check[] = [
  ...inventoryChecks,
  ...changeChecks,
  ...templateChecks,
  ...dryChecks,
];
