/** The rows of the safety category. */
import type { Check } from '../check.ts';
import { ciPinned } from './safety/actions.ts';
import { advisories } from './safety/advisories.ts';
import { escapeHatches, todo } from './safety/baseline.ts';
import { bidi } from './safety/bidi.ts';
import { dangerous, debug } from './safety/danger.ts';
import { integrity } from './safety/integrity.ts';
import { secretFiles } from './safety/keys.ts';
import { licenses } from './safety/licenses.ts';
import { pinned } from './safety/pinned.ts';
import { installScripts } from './safety/scripts.ts';
import { secrets } from './safety/secrets.ts';

export const safetyChecks: readonly Check[] = [
  secrets,
  secretFiles,
  bidi,
  integrity,
  pinned,
  debug,
  escapeHatches,
  dangerous,
  licenses,
  ciPinned,
  installScripts,
  todo,
  advisories,
];
