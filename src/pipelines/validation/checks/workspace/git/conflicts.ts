/** Finds what a merge left open: entries that git calls unmerged, and its marks that were committed by mistake. */
import type { Finding } from '../../../../../protocol/validation.ts';
import { type Check, type Context, fault, pass } from '../../../check/check.ts';
import { counted, longestListing } from '../../../check/findings.ts';
import { type Git, listOf, withGit } from './git-query.ts';

/** Papers show such marks, and patches and tests of tools for them are full of them. */
const papers = /\.(?:md|mdx|markdown|rst|adoc|asciidoc|txt|org|tex|html?|diff|patch|rej)$/i;

/** One line that git would have written; the two ends carry a name, the middle is bare. */
interface Mark {
  readonly line: number;
  readonly text: string;
}

/** The line where a conflict begins, for each that is whole: its three marks in their order. */
function conflictsIn(marks: readonly Mark[]): Mark[] {
  const begun: Mark[] = [];
  let open: Mark | undefined;
  let divided = false;
  for (const mark of marks) {
    if (mark.text.startsWith('<')) [open, divided] = [mark, false];
    else if (mark.text.startsWith('=')) divided = open !== undefined;
    else if (mark.text.startsWith('>')) {
      if (open && divided) begun.push(open);
      open = undefined;
    }
  }
  return begun;
}

/** Lines of `git grep -z -n`: path, NUL, number, NUL, text. */
function marksOf(output: string): Map<string, Mark[]> {
  const files = new Map<string, Mark[]>();
  for (const line of output.split('\n')) {
    const [file, number, text] = line.split('\0');
    if (file === undefined || number === undefined || text === undefined) continue;
    const marks = files.get(file) ?? [];
    files.set(file, marks);
    marks.push({ line: Number(number), text });
  }
  return files;
}

async function committed(git: Git, { repository }: Context): Promise<Finding[]> {
  const pattern = '^(<<<<<<< .|>>>>>>> .|=======\r?$)';
  const ran = await git(['grep', '-z', '-n', '-I', '-E', '-e', pattern], { answersTo: 1 });
  const suspects = [...marksOf(ran.stdout)].flatMap(([file, marks]) => {
    const begun = papers.test(file) || repository.isForeign(file) ? [] : conflictsIn(marks);
    return begun.length > 0 ? [{ file, begun }] : [];
  });
  if (suspects.length === 0) return [];
  const facts = await repository.index();
  return suspects.flatMap(({ file, begun }) => {
    // In a source that parses, the marks are its text: in a string, or in a comment.
    const known = facts.get(file);
    if (known ? known.syntaxError === undefined : repository.isTest(file)) return [];
    return begun.map(({ line, text }) => ({ file, line, message: `A conflict was left open here: ${text.trim()}` }));
  });
}

const conflicts: Check = {
  id: 'WS_CONFLICTS',
  category: 'workspace',
  severity: 'fatal',
  from: 'dev',
  title: 'No conflict of a merge is left open',
  timeoutMs: 3000,
  lane: 'cheap',
  run: withGit(async (git, context) => {
    // Each entry: mode, object, stage, tabulator, path; up to three stages of one path.
    const entries = listOf((await git(['ls-files', '-u', '-z'])).stdout);
    const unmerged = [...new Set(entries.map((entry) => entry.slice(entry.indexOf('\t') + 1)))];
    const marked = (await committed(git, context)).filter(({ file }) => !unmerged.includes(file));
    if (unmerged.length + marked.length === 0)
      return pass('No entry is unmerged and no file holds the marks of a conflict.');
    const files = new Set([...unmerged, ...marked.map(({ file }) => file)]);
    return fault(`${counted(files.size, 'file')} with a conflict that is not resolved.`, {
      findings: [...unmerged.map((file) => ({ file, message: 'Git has this file as unmerged.' })), ...marked].slice(
        0,
        longestListing,
      ),
      remediation: [
        {
          priority: 'critical',
          title: 'Resolve the conflicts',
          steps: ['Choose in each place what is right and take the marks out.', 'Add the files and commit.'],
          command: ['git', 'diff', '--check'],
        },
      ],
    });
  }),
};

export const conflictChecks: readonly Check[] = [conflicts];
