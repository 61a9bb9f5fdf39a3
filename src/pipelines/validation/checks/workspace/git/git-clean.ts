/** Checks that all changes are committed. */
import { plural } from '../../../../../protocol/plural.ts';
import { type Check, fail, pass } from '../../../check/check.ts';
import { findingsOf } from '../../../check/findings.ts';
import { readPrefix, withGit } from './git-query.ts';
import { changeKinds, parseStatus } from './git-status.ts';

export const gitClean: Check = {
  id: 'WS_GIT_CLEAN',
  category: 'workspace',
  severity: 'warning',
  minProfile: 'dev',
  title: 'All changes are committed',
  timeoutMs: 3000,
  lane: 'cheap',
  run: withGit(async (git) => {
    const output = (await git(['status', '--porcelain=v2', '--branch', '-z', '--', '.'])).stdout;
    const prefix = await readPrefix(git);
    const changes = parseStatus(output).map(({ kind, file }) => ({ kind, file: file.slice(prefix.length) || '.' }));
    const evidence = [{ kind: 'command_output', content: output.replaceAll('\0', '\n') }] as const;
    const distance = describeUpstreamDistance(output);
    if (changes.length === 0) return pass(`All changes are committed${distance}.`, { evidence });
    const counts = Object.values(changeKinds).flatMap((kind) => {
      const count = changes.filter((change) => change.kind === kind).length;
      return count > 0 ? `${count} ${kind}` : [];
    });
    return fail(`${plural(changes.length, 'uncommitted path')} (${counts.join(', ')})${distance}.`, {
      evidence,
      findings: findingsOf(changes, ({ file, kind }) => ({
        file,
        message: `This path has uncommitted changes (${kind}).`,
      })),
      remediation: [
        {
          priority: 'medium',
          title: 'Commit or stash the changes',
          steps: ['Review the changes.', 'Commit what belongs to your work. Add build output to .gitignore.'],
          command: ['git', 'status'],
        },
      ],
    });
  }),
};

/** Describes how far the branch and its upstream have diverged. Empty if the branch has no upstream. */
function describeUpstreamDistance(output: string): string {
  const upstream = /# branch\.upstream ([^\0]+)/.exec(output)?.[1];
  const [, ahead, behind] = /# branch\.ab \+(\d+) -(\d+)/.exec(output) ?? [];
  if (upstream === undefined || (ahead === undefined && behind === undefined)) return '';
  return `; ${ahead} ahead of and ${behind} behind ${upstream}`;
}
