/** Checks that the built programs start and print the version of their manifest. */
import { plural } from '../../../../protocol/plural.ts';
import { type Check, type CheckContext, type CheckOutcome, fail, pass, skip } from '../../check/check.ts';
import { askVersions, type VersionAnswer } from './building/ask-versions.ts';
import { type BuildResult, findFirstBuild } from './building/build-workspace.ts';
import { ecosystems } from './ecosystems/ecosystems.ts';

export const version: Check = {
  id: 'DEP_VERSION',
  category: 'deployment',
  severity: 'warning',
  minProfile: 'enterprise',
  title: 'Built programs start and print their version',
  timeoutMs: 60_000,
  lane: 'process',
  // The build asks the programs that it creates, while they are there.
  dependsOn: ['DEP_BUILD'],
  run: checkVersions,
};

async function checkVersions(context: CheckContext): Promise<CheckOutcome> {
  const built = findFirstBuild(context);
  const fresh = built?.kind === 'built' ? built.answers : [];
  const answers = fresh.length > 0 ? fresh : await askExisting(context);
  if (answers.length === 0) return skip('not_applicable', explainAbsence(built));
  const evidence = answers.map(({ output }) => ({ kind: 'command_output' as const, content: output }));
  const findings = answers.flatMap(({ program, verdict }) =>
    verdict.kind === 'wrong'
      ? [{ file: program.manifest, message: `${program.name} --version ${verdict.problem}` }]
      : [],
  );
  const total = plural(answers.length, 'program');
  if (findings.length > 0)
    return fail(`${findings.length} of ${total} did not answer --version with their version.`, {
      findings,
      evidence,
      remediation: [
        {
          priority: 'high',
          title: 'Build the programs again',
          steps: ['Run the build, and start each program with --version.'],
        },
      ],
    });
  const answered = answers.filter(({ verdict }) => verdict.kind === 'answered');
  if (answered.length > 0) return pass(describe(answered, total), { evidence });
  const [absent] = answers.filter(({ verdict }) => verdict.kind === 'missing');
  if (absent) return skip('tool_missing', `${absent.program.command} is not installed.`);
  return skip('not_applicable', `None of ${total} printed its version, nor a reason why it could not start.`);
}

function describe(answered: readonly VersionAnswer[], total: string): string {
  const compared = answered.filter(({ program }) => program.version !== undefined).length;
  if (compared === answered.length) return `${compared} of ${total} printed the version of the manifest.`;
  if (compared === 0) return `${answered.length} of ${total} answered --version; no manifest says which version it is.`;
  return `${answered.length} of ${total} answered --version, ${compared} with the version of the manifest; the others have none there.`;
}

/** Programs in the workspace may be older than it, and are asked only if no build has created new ones. */
async function askExisting(context: CheckContext): Promise<VersionAnswer[]> {
  const programs = await Promise.all(
    ecosystems.map(async (ecosystem) => (await ecosystem.existingPrograms?.(context)) ?? []),
  );
  return askVersions(context, programs.flat());
}

function explainAbsence(built: BuildResult | undefined): string {
  if (built?.kind === 'built')
    return 'The build creates no program that has an option for its version; a library has none.';
  return 'No announced program that has an option for its version is built.';
}
