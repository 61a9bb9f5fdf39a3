/** Checks of the deployment category, in the order of the report. */
import type { Check } from '../../check/check.ts';
import { build } from './build.ts';
import { changelog } from './changelog.ts';
import { reproducible } from './reproducible.ts';
import { version } from './version.ts';

export const deploymentChecks: readonly Check[] = [build, version, changelog, reproducible];
