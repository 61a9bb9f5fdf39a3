/** Checks that two builds of the same files in different folders create the same files. */
import { plural } from '../../../../protocol/plural.ts';
import type { Finding } from '../../../../protocol/validation/validation.ts';
import { type Check, fail, pass, skip } from '../../check/check.ts';
import { type ArtifactContent, compareArtifacts } from './building/artifact-content.ts';
import { buildOnce, buildWorkspace } from './building/build-workspace.ts';

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
    if (first.files.size === 0) return skip('not_applicable', 'The build creates no files.');
    const second = await buildWorkspace(context, true);
    if (second.kind !== 'built') return skip('tool_missing', 'The build did not succeed a second time.');
    const names = [...new Set([...first.files.keys(), ...second.files.keys()])].sort();
    const findings = names.flatMap((file) => findDifference(file, first.files.get(file), second.files.get(file)));
    if (findings.length === 0) return pass(`Two builds created the same ${plural(names.length, 'file')}.`);
    return fail(`Two builds differ in ${findings.length} of ${plural(names.length, 'file')}.`, {
      findings,
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

const maxMembers = 5;

function findDifference(
  file: string,
  first: ArtifactContent | undefined,
  second: ArtifactContent | undefined,
): Finding[] {
  if (!first || !second) return [{ file, message: 'Only one of two builds of the same files creates it.' }];
  const members = compareArtifacts(first, second);
  if (members === 'same') return [];
  const rest = members.length > maxMembers ? ` and ${members.length - maxMembers} more` : '';
  const names = members.length > 0 ? `: ${members.slice(0, maxMembers).join(', ')}${rest}` : '';
  return [{ file, message: `Differs between two builds of the same files${names}.` }];
}
