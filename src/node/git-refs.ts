/** What of a repository a benchmark can be compared with: branches, tags and the newest commits. */
import { git } from './git.ts';

export interface Ref {
  readonly kind: 'branch' | 'tag' | 'commit';
  /** As git takes it. */
  readonly name: string;
  readonly commit: string;
  readonly subject: string;
}

const commitsListed = 30;
const refsListed = 200;
const separator = '\u001f';

/** The newest first, each kind after the other; none without git. What stands for HEAD itself is left out. */
export async function refsOf(workspace: string): Promise<readonly Ref[]> {
  const format = ['%(refname)', '%(refname:short)', '%(objectname)', '%(*objectname)', '%(contents:subject)'];
  const [named, logged] = await Promise.all([
    git(workspace, [
      'for-each-ref',
      '--sort=-creatordate',
      `--count=${refsListed}`,
      `--format=${format.join(separator)}`,
      'refs/heads',
      'refs/remotes',
      'refs/tags',
    ]),
    git(workspace, ['log', `--max-count=${commitsListed}`, `--format=${['%H', '%s'].join(separator)}`]),
  ]);
  const refs = linesOf(named).flatMap(([full = '', name = '', object = '', peeled = '', subject = '']) => {
    if (full.endsWith('/HEAD')) return [];
    const kind = full.startsWith('refs/tags/') ? ('tag' as const) : ('branch' as const);
    return [{ kind, name, commit: peeled || object, subject }];
  });
  const commits = linesOf(logged).map(([commit = '', subject = '']) => ({
    kind: 'commit' as const,
    name: commit.slice(0, 9),
    commit,
    subject,
  }));
  return [...refs.filter(({ kind }) => kind === 'branch'), ...refs.filter(({ kind }) => kind === 'tag'), ...commits];
}

function linesOf(text = ''): string[][] {
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split(separator));
}
