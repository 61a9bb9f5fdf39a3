/** Checks that file names work on every operating system. */
import { plural } from '../../../../../protocol/plural.ts';
import { type Check, fail, pass, skip } from '../../../check/check.ts';
import { findingsOf } from '../../../check/findings.ts';
import { findUnportableNames } from './find-unportable-names.ts';

export const portablePaths: Check = {
  id: 'WS_PORTABLE_PATHS',
  category: 'workspace',
  severity: 'warning',
  minProfile: 'ci',
  title: 'File names work on Windows, macOS and Linux',
  timeoutMs: 2000,
  lane: 'cheap',
  run: async ({ repository }) => {
    const files = await repository.files();
    if (files.length === 0) return skip('not_applicable', 'The workspace has no files.');
    const findings = await findUnportableNames(files);
    if (findings.length === 0) return pass(`${plural(files.length, 'file name is', 'file names are')} portable.`);
    return fail(`${plural(findings.length, 'file name is', 'file names are')} not portable.`, {
      findings: findingsOf(findings, (finding) => finding),
      remediation: [
        {
          priority: 'medium',
          title: 'Rename the files',
          steps: ['Give each file a name that Windows and macOS accept too.'],
        },
      ],
    });
  },
};
