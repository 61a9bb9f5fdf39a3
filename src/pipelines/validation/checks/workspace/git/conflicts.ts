/** Finds unresolved merge conflicts: unmerged index entries, and conflict markers that were committed by mistake. */
import { plural } from '../../../../../protocol/plural.ts';
import type { Finding } from '../../../../../protocol/validation.ts';
import { type Check, type CheckContext, fail, pass } from '../../../check/check.ts';
import { maxListedFindings } from '../../../check/findings.ts';
import { type GitQuery, splitNul, withGit } from './git-query.ts';

/** Documents and patches, which often quote conflict markers. */
const documents = /\.(?:md|mdx|markdown|rst|adoc|asciidoc|txt|org|tex|html?|diff|patch|rej)$/i;

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
    const conflicts = documents.test(file) || repository.isForeign(file) ? [] : findConflicts(markers);
    return conflicts.length > 0 ? [{ file, conflicts }] : [];
  });
  if (suspects.length === 0) return [];
  const index = await repository.index();
  return suspects.flatMap(({ file, conflicts }) => {
    // If a source file parses, its markers are inside a string or a comment.
    const facts = index.get(file);
    if (facts ? facts.syntaxError === undefined : repository.isTest(file)) return [];
    return conflicts.map(({ line, text }) => ({ file, line, message: `Unresolved merge conflict: ${text.trim()}` }));
  });
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
