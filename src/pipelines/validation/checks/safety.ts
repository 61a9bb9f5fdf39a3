/** The rows of the safety category. */
import type { Check } from '../check.ts';
import { escapeHatches, todo } from './safety/baseline.ts';
import { bidi } from './safety/bidi.ts';
import { dangerous, debug } from './safety/danger.ts';
import { secrets } from './safety/secrets.ts';

export const safetyChecks: readonly Check[] = [secrets, bidi, debug, escapeHatches, dangerous, todo];
