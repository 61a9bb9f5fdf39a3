/** The checks of the safety category. */
import type { Check } from '../../check/check.ts';
import { bidi } from './code/bidi.ts';
import { dangerous } from './code/dangerous.ts';
import { debug } from './code/debug.ts';
import { escapeHatches } from './code/escape-hatches.ts';
import { todo } from './code/todo.ts';
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
