/** Lists the git refs with which a benchmark can be compared: branches, tags and the newest commits. */
import { queryGit } from './git.ts';

export interface GitRef {
  readonly kind: 'branch' | 'tag' | 'commit';
  /** Name that git accepts as a revision. */
  readonly name: string;
  readonly commit: string;
  readonly subject: string;
}

const maxCommits = 30;
const maxNamedRefs = 200;
const separator = '\u001f';

/**
 * Returns branches, then tags, then commits; each newest first. Refs that are only an alias for HEAD are omitted. Returns
 * an empty list without git.
 */
export async function listRefs(workspace: string): Promise<readonly GitRef[]> {
  const format = ['%(refname)', '%(refname:short)', '%(objectname)', '%(*objectname)', '%(contents:subject)'];
  const [namedOutput, logOutput] = await Promise.all([
    queryGit(workspace, [
      'for-each-ref',
      '--sort=-creatordate',
      `--count=${maxNamedRefs}`,
      `--format=${format.join(separator)}`,
      'refs/heads',
      'refs/remotes',
      'refs/tags',
    ]),
    queryGit(workspace, ['log', `--max-count=${maxCommits}`, `--format=${['%H', '%s'].join(separator)}`]),
  ]);
  const named = parseLines(namedOutput).flatMap(
    ([fullName = '', name = '', object = '', peeled = '', subject = '']) => {
      if (fullName.endsWith('/HEAD')) return [];
      const kind = fullName.startsWith('refs/tags/') ? ('tag' as const) : ('branch' as const);
      return [{ kind, name, commit: peeled || object, subject }];
    },
  );
  const commits = parseLines(logOutput).map(([commit = '', subject = '']) => ({
    kind: 'commit' as const,
    name: commit.slice(0, 9),
    commit,
    subject,
  }));
  return [...named.filter(({ kind }) => kind === 'branch'), ...named.filter(({ kind }) => kind === 'tag'), ...commits];
}

function parseLines(text = ''): string[][] {
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split(separator));
}
