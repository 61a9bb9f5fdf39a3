/** The rows of the safety category. */
import type { Check } from '../../check/check.ts';
import { bidi } from './code/bidi.ts';
import { dangerous, debug } from './code/dangerous.ts';
import { escapeHatches, todo } from './code/escape-hatches.ts';
import { advisories } from './packages/advisories.ts';
import { ciPinned } from './packages/ci-pinned.ts';
import { installScripts } from './packages/install-scripts.ts';
import { integrity } from './packages/integrity.ts';
import { licenses } from './packages/licenses.ts';
import { pinned } from './packages/pinned.ts';
import { secretFiles } from './secrets/secret-files.ts';
import { secrets } from './secrets/secrets.ts';

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
