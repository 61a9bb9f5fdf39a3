/** What state the repository is in: its commit, what is not committed, what was begun and not ended, its objects. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Check, fault, pass } from '../../../check/check.ts';
import { counted, findingsOf } from '../../../check/findings.ts';
import { listOf, prefixOf, withGit } from './git-query.ts';

const head: Check = {
  id: 'WS_GIT_HEAD',
  category: 'workspace',
  severity: 'fatal',
  from: 'dev',
  title: 'The workspace has a commit to speak of',
  timeoutMs: 2000,
  lane: 'cheap',
  run: withGit(async (git) => {
    const commit = (await git(['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'], { answersTo: 1 })).stdout.trim();
    const branch = (await git(['symbolic-ref', '--quiet', '--short', 'HEAD'], { answersTo: 1 })).stdout.trim();
    if (commit === '') {
      return fault(branch ? `The branch ${branch} has no commit yet.` : 'HEAD is no commit.', {
        remediation: [
          {
            priority: 'critical',
            title: 'Make the first commit',
            steps: ['Add the files that belong to the project.', 'Commit them.'],
            command: ['git', 'commit', '--message', 'first commit'],
          },
        ],
      });
    }
    return pass(`HEAD is ${commit.slice(0, 12)}${branch ? ` on ${branch}` : ', on no branch'}.`, {
      evidence: [{ kind: 'command_output', content: commit }],
    });
  }),
};

/** By the two letters of `git status --porcelain=v2`: an entry's kind, and what it is to people. */
const kinds: Readonly<Record<string, string>> = { '1': 'changed', '2': 'renamed', u: 'unmerged', '?': 'untracked' };

interface Changed {
  readonly kind: string;
  /** Relative to the top of the repository. */
  readonly file: string;
}

/** Entries of `git status --porcelain=v2 -z`; a renamed one is followed by its old name. */
export function changesOf(output: string): Changed[] {
  const changes: Changed[] = [];
  const parts = listOf(output);
  for (let at = 0; at < parts.length; at++) {
    const part = parts[at] as string;
    const type = part[0] as string;
    const kind = kinds[type];
    if (kind === undefined) continue;
    // Fields before the path: 1 with type "?", 8 with "1", 9 with "2", 10 with "u" (git-status(1)).
    const before = type === '?' ? 1 : type === '1' ? 8 : type === '2' ? 9 : 10;
    changes.push({ kind, file: part.split(' ').slice(before).join(' ') });
    if (type === '2') at++;
  }
  return changes;
}

const clean: Check = {
  id: 'WS_GIT_CLEAN',
  category: 'workspace',
  severity: 'warning',
  from: 'dev',
  title: 'Everything is committed',
  timeoutMs: 3000,
  lane: 'cheap',
  run: withGit(async (git) => {
    const output = (await git(['status', '--porcelain=v2', '--branch', '-z', '--', '.'])).stdout;
    const prefix = await prefixOf(git);
    const changes = changesOf(output).map(({ kind, file }) => ({ kind, file: file.slice(prefix.length) || '.' }));
    const evidence = [{ kind: 'command_output', content: output.replaceAll('\0', '\n') }] as const;
    const beside = distance(output);
    if (changes.length === 0) return pass(`Everything is committed${beside}.`, { evidence });
    const parts = Object.values(kinds).flatMap((kind) => {
      const count = changes.filter((change) => change.kind === kind).length;
      return count > 0 ? `${count} ${kind}` : [];
    });
    const not = changes.length === 1 ? 'is' : 'are';
    return fault(`${counted(changes.length, 'path')} ${not} not committed (${parts.join(', ')})${beside}.`, {
      evidence,
      findings: findingsOf(changes, ({ file, kind }) => ({ file, message: `This path is ${kind} and not committed.` })),
      remediation: [
        {
          priority: 'medium',
          title: 'Commit or set aside what has changed',
          steps: ['Look at the changes.', 'Commit what belongs to the work, ignore what a build writes.'],
          command: ['git', 'status'],
        },
      ],
    });
  }),
};

/** Commits that the upstream branch lacks or has before us. */
function distance(output: string): string {
  const upstream = /# branch\.upstream ([^\0]+)/.exec(output)?.[1];
  const [, ahead, behind] = /# branch\.ab \+(\d+) -(\d+)/.exec(output) ?? [];
  if (upstream === undefined || (ahead === undefined && behind === undefined)) return '';
  return `; ${ahead} ahead of and ${behind} behind ${upstream}`;
}

/** Files and folders that git keeps while it is in the middle of something. */
const operations: readonly (readonly [mark: string, what: string, end: readonly string[]])[] = [
  ['MERGE_HEAD', 'a merge', ['git', 'merge', '--continue']],
  ['rebase-merge', 'a rebase', ['git', 'rebase', '--continue']],
  ['rebase-apply', 'a rebase or the applying of patches', ['git', 'status']],
  ['CHERRY_PICK_HEAD', 'a cherry-pick', ['git', 'cherry-pick', '--continue']],
  ['REVERT_HEAD', 'a revert', ['git', 'revert', '--continue']],
  ['BISECT_LOG', 'a bisection', ['git', 'bisect', 'reset']],
];

const inProgress: Check = {
  id: 'WS_IN_PROGRESS',
  category: 'workspace',
  severity: 'warning',
  from: 'dev',
  title: 'No merge, rebase or bisection is under way',
  timeoutMs: 1000,
  lane: 'cheap',
  run: withGit(async (git, { repository }) => {
    // Asked of git: a linked worktree and a submodule keep these elsewhere than in `.git`.
    const { stdout } = await git(['rev-parse', ...operations.flatMap(([mark]) => ['--git-path', mark])]);
    const places = stdout.trimEnd().split('\n');
    const begun = operations.filter((_, at) => existsSync(resolve(repository.root, places[at] as string)));
    if (begun.length === 0) return pass(`None of ${operations.length} operations of git is under way.`);
    const names = begun.map(([, what]) => what);
    return fault(`Git is in the middle of ${names.join(' and ')}.`, {
      evidence: [{ kind: 'file_content', content: begun.map(([mark]) => mark).join('\n') }],
      remediation: begun.map(([, what, command]) => ({
        priority: 'high',
        title: `End ${what}`,
        steps: ['Resolve what is open.', 'Continue to its end, or abort it.'],
        command,
      })),
    });
  }),
};

const fsck: Check = {
  id: 'WS_FSCK',
  category: 'workspace',
  severity: 'warning',
  from: 'enterprise',
  title: "Git's objects hang together",
  timeoutMs: 8000,
  lane: 'process',
  run: withGit(async (git) => {
    // The code's bits say what is wrong (git-fsck(1)); 128: it could not even look.
    const ran = await git(['fsck', '--connectivity-only', '--no-dangling', '--no-progress'], { answersTo: 127 });
    const said = `${ran.stdout}${ran.stderr}`.trim();
    const evidence = [{ kind: 'command_output', content: said }] as const;
    if (ran.code === 0) return pass('Every object that a commit or a branch needs is there.', { evidence });
    const faults = said.split('\n').filter((line) => /^(?:missing|error|fatal)/.test(line));
    return fault(`git fsck found ${counted(faults.length, 'fault')}, such as “${faults[0] ?? said}”.`, {
      evidence,
      remediation: [
        {
          priority: 'critical',
          title: 'Repair the repository before anything is lost',
          steps: [
            'Make a copy of the folder as it is.',
            'Fetch the missing objects from a remote, or clone anew and carry over what is not pushed.',
          ],
          command: ['git', 'fsck', '--full'],
        },
      ],
    });
  }),
};

export const stateChecks: readonly Check[] = [head, clean, inProgress, fsck];
