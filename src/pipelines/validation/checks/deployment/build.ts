/** Checks that the projects of the workspace build with their own tools. */
import { plural } from '../../../../protocol/plural.ts';
import { type Check, fail, pass, type RawEvidence, skip } from '../../check/check.ts';
import { type BuildResult, buildOnce } from './building/build-workspace.ts';

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
    if (build.kind === 'built') return pass(describe(build), { evidence: sizesOf(build) });
    if (build.kind !== 'failed') return skip(build.kind, build.reason);
    const { command, manifest } = build;
    const { code, stdout, stderr } = build.result;
    return fail(`The build fails with exit code ${code}.`, {
      findings: [{ file: manifest, message: `${command} fails with exit code ${code}.` }],
      evidence: [{ kind: 'command_output', content: `${stdout}\n${stderr}` }],
      remediation: [
        {
          priority: 'high',
          title: 'Fix the build',
          steps: [`Run “${command}” and correct the first error.`],
        },
      ],
    });
  },
};

type Built = BuildResult & { readonly kind: 'built' };

function describe({ builds, files, summaries, skipped }: Built): string {
  const count = plural(files.size, 'file');
  const created =
    builds.length === 1
      ? `The build creates ${count}.`
      : `${builds.length} builds (${[...new Set(builds)].join(', ')}) create ${count}.`;
  const sentences = files.size === 0 && summaries.length > 0 ? summaries : [created];
  const rest = skipped.length > 0 ? [`Not built: ${skipped.join(' ')}`] : [];
  return [...sentences, ...rest].join(' ');
}

function sizesOf({ files }: Built): RawEvidence[] {
  if (files.size === 0) return [];
  const lines = [...files].map(([name, { bytes, hash }]) => `${name} ${bytes} bytes, SHA-256 ${hash}`);
  return [{ kind: 'metric', content: lines.join('\n') }];
}
