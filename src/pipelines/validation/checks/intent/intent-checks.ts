/** Checks of the intent category, in the order of the report. */
import type { Check } from '../../check/check.ts';
import { docLinks } from './doc-links.ts';
import { docsChanged } from './docs-changed.ts';

export const intentChecks: readonly Check[] = [docsChanged, docLinks];
