/** Checks that the project's own build succeeds. */
import { plural } from '../../../../protocol/plural.ts';
import { type Check, fail, pass, skip } from '../../check/check.ts';
import { buildOnce } from './build-copy.ts';

export const build: Check = {
  id: 'DEP_BUILD',
  category: 'deployment',
  severity: 'warning',
  minProfile: 'enterprise',
  title: 'The build succeeds',
  timeoutMs: 600_000,
  lane: 'process',
  dependsOn: ['BLD_TYPECHECK'],
  run: async (context) => {
    const build = await buildOnce(context);
    if (build.kind === 'built') return pass(`The build creates ${plural(build.files.size, 'file')}.`);
    if (build.kind !== 'failed') return skip(build.kind, build.reason);
    const { code, stdout, stderr } = build.result;
    return fail(`The build fails with exit code ${code}.`, {
      evidence: [{ kind: 'command_output', content: `${stdout}\n${stderr}` }],
      remediation: [
        {
          priority: 'high',
          title: 'Fix the build',
          steps: ['Run the script “build” and correct the first error.'],
        },
      ],
    });
  },
};
