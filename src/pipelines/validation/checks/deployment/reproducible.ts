/** Checks that two builds of the same files in different folders create the same files. */
import { plural } from '../../../../protocol/plural.ts';
import { type Check, fail, pass, skip } from '../../check/check.ts';
import { findingsOf } from '../../check/findings.ts';
import { buildInCopy, buildOnce } from './build-copy.ts';

export const reproducible: Check = {
  id: 'DEP_REPRODUCIBLE',
  category: 'deployment',
  severity: 'info',
  minProfile: 'enterprise',
  title: 'The build is reproducible',
  timeoutMs: 600_000,
  lane: 'process',
  dependsOn: ['DEP_BUILD'],
  run: async (context) => {
    const first = await buildOnce(context);
    if (first.kind === 'failed') return skip('dependency_failed', 'The build fails.');
    if (first.kind !== 'built') return skip(first.kind, first.reason);
    const second = await buildInCopy(context);
    if (second.kind !== 'built') return skip('tool_missing', 'The build did not succeed a second time.');
    const names = [...new Set([...first.files.keys(), ...second.files.keys()])].sort();
    const different = names.filter((name) => first.files.get(name) !== second.files.get(name));
    if (names.length === 0) return skip('not_applicable', 'The build creates no files.');
    if (different.length === 0) return pass(`Two builds created the same ${plural(names.length, 'file')}.`);
    return fail(`Two builds differ in ${different.length} of ${plural(names.length, 'file')}.`, {
      findings: findingsOf(different, (file) => ({ file, message: 'Differs between two builds of the same files.' })),
      remediation: [
        {
          priority: 'low',
          title: 'Make the build reproducible',
          steps: ['Remove times, random numbers and absolute paths from the created files.'],
        },
      ],
    });
  },
};
