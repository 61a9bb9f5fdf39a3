/** The rows of the generation category. */
import type { Check } from '../check.ts';
import { changeChecks } from './generation/changes.ts';
import { dryChecks } from './generation/dry.ts';
import { inventoryChecks } from './generation/inventory.ts';
import { templateChecks } from './generation/templates.ts';

export const generationChecks: readonly Check[] = [
  ...inventoryChecks,
  ...changeChecks,
  ...templateChecks,
  ...dryChecks,
];
