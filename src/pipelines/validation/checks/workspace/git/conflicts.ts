/** Finds unresolved merge conflicts: unmerged index entries, and conflict markers that were committed by mistake. */
import { plural } from '../../../../../protocol/plural.ts';
import type { Finding } from '../../../../../protocol/validation/validation.ts';
import { type Check, type CheckContext, fail, pass } from '../../../check/check.ts';
import { maxListedFindings } from '../../../check/findings.ts';
import type { Repository } from '../../../repository/repository.ts';
import { type GitQuery, splitNul, withGit } from './git-query.ts';

/** Patches, which contain the conflicts of other files. */
const patches = /\.(?:diff|patch|rej|orig)$/i;
/** Delimiters of quoted blocks in Markdown, AsciiDoc and Org, which are the same or similar at both ends. */
const blockDelimiter = /^\s*(`{3,}|~{3,}|-{4,}$|\.{4,}$|={4,}$|<\/?(?:pre|code)\b|#\+(?:begin|end)_\w+)/i;
const documents = /\.(?:md|mdx|markdown|rst|adoc|asciidoc|txt|text|org|tex|html?)$/i;
/** Words by which a text introduces a conflict as an example. */
const explanation = /\bconflict(?:s|ing|ed)?\b|\bmarkers?\b|\bmerg(?:e|ing)\b/i;
const explanationLines = 6;

/** A line that looks like a conflict marker. The outer two are followed by a name, the middle one stands alone. */
interface Marker {
  readonly line: number;
  readonly text: string;
}

/** Returns the opening marker of each complete conflict, which has its three markers in order. */
function findConflicts(markers: readonly Marker[]): Marker[] {
  const conflicts: Marker[] = [];
  let opening: Marker | undefined;
  let isDivided = false;
  for (const marker of markers) {
    if (marker.text.startsWith('<')) [opening, isDivided] = [marker, false];
    else if (marker.text.startsWith('=')) isDivided = opening !== undefined;
    else if (marker.text.startsWith('>')) {
      if (opening && isDivided) conflicts.push(opening);
      opening = undefined;
    }
  }
  return conflicts;
}

/** Returns true if a document shows the conflict at a 1-based line as an example: in a quoted block, or after a sentence about conflicts. */
function isExample(text: string, line: number): boolean {
  const before = text.split('\n').slice(0, line - 1);
  let delimiter: string | undefined;
  for (const [, mark = ''] of before.map((content) => blockDelimiter.exec(content) ?? [])) {
    const kind = mark.slice(0, 3).toLowerCase();
    // The line of equal signs in the middle of an earlier conflict is not a delimiter.
    if (kind === '' || mark.length === 7) continue;
    if (delimiter === undefined) delimiter = kind;
    else if (kind === delimiter || /^<\/|^#\+e/i.test(mark)) delimiter = undefined;
  }
  if (delimiter !== undefined) return true;
  const introduction = before.slice(-explanationLines).filter((content) => content.trim() !== '');
  return /:\s*$/.test(introduction.at(-1) ?? '') && introduction.some((content) => explanation.test(content));
}

/** Parses the output of `git grep -z -n`, whose lines consist of path, NUL, line number, NUL and text. */
function parseMarkers(output: string): Map<string, Marker[]> {
  const files = new Map<string, Marker[]>();
  for (const line of output.split('\n')) {
    const [file, number, text] = line.split('\0');
    if (file === undefined || number === undefined || text === undefined) continue;
    const markers = files.get(file) ?? [];
    files.set(file, markers);
    markers.push({ line: Number(number), text });
  }
  return files;
}

async function findCommittedMarkers(git: GitQuery, { repository }: CheckContext): Promise<Finding[]> {
  const pattern = '^(<<<<<<< .|>>>>>>> .|=======\r?$)';
  const result = await git(['grep', '-z', '-n', '-I', '-E', '-e', pattern], { maxExitCode: 1 });
  const suspects = [...parseMarkers(result.stdout)].flatMap(([file, markers]) => {
    const conflicts = patches.test(file) || repository.isForeign(file) ? [] : findConflicts(markers);
    return conflicts.length > 0 ? [{ file, conflicts }] : [];
  });
  if (suspects.length === 0) return [];
  const index = await repository.index();
  const candidates = await Promise.all(suspects.map((suspect) => withoutExamples(repository, suspect)));
  return candidates.flatMap(({ file, conflicts }) => {
    // If a source file parses, its markers are inside a string or a comment.
    const facts = index.get(file);
    if (facts ? facts.syntaxError === undefined : repository.isTest(file)) return [];
    return conflicts.map(({ line, text }) => ({ file, line, message: `Unresolved merge conflict: ${text.trim()}` }));
  });
}

interface Suspect {
  readonly file: string;
  readonly conflicts: readonly Marker[];
}

async function withoutExamples(repository: Repository, { file, conflicts }: Suspect): Promise<Suspect> {
  const text = documents.test(file) ? await repository.text(file) : undefined;
  if (text === undefined) return { file, conflicts };
  return { file, conflicts: conflicts.filter(({ line }) => !isExample(text, line)) };
}

export const conflicts: Check = {
  id: 'WS_CONFLICTS',
  category: 'workspace',
  severity: 'fatal',
  minProfile: 'dev',
  title: 'No unresolved merge conflicts',
  timeoutMs: 3000,
  lane: 'cheap',
  run: withGit(async (git, context) => {
    // Each entry consists of mode, object, stage, tab and path. A path has up to three entries, one per stage.
    const entries = splitNul((await git(['ls-files', '-u', '-z'])).stdout);
    const unmerged = [...new Set(entries.map((entry) => entry.slice(entry.indexOf('\t') + 1)))];
    const marked = (await findCommittedMarkers(git, context)).filter(({ file }) => !unmerged.includes(file));
    if (unmerged.length + marked.length === 0) return pass('No unresolved merge conflicts.');
    const files = new Set([...unmerged, ...marked.map(({ file }) => file)]);
    return fail(`${plural(files.size, 'file has', 'files have')} unresolved merge conflicts.`, {
      findings: [...unmerged.map((file) => ({ file, message: 'Git lists this file as unmerged.' })), ...marked].slice(
        0,
        maxListedFindings,
      ),
      remediation: [
        {
          priority: 'critical',
          title: 'Resolve the conflicts',
          steps: ['Keep the right version of each conflict and delete the markers.', 'Add the files and commit.'],
          command: ['git', 'diff', '--check'],
        },
      ],
    });
  }),
};
