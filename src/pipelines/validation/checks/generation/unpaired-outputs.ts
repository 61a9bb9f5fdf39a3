/** Finds changed generated files whose source is unknown, if no changed file can be their source. */
import { isDocument } from '../../repository/foreign/file-names.ts';
import type { Repository } from '../../repository/repository.ts';
import type { GeneratedPair } from './generated-pairs.ts';
import { findMarkedFiles, type MarkedFile } from './marked-files.ts';

const doNotEdit = /\b(?:do not|don['’]t|must not be|should not be|never) (?:manually )?(?:edit|modif(?:y|ied)|change)/i;
/** The input is not in the workspace, so it may have changed without a trace. */
const remoteSource = /\b(?:from|source)\b[^\n]{0,40}https?:\/\//i;
/** Number of changed files of one generator from which on it has probably run again, for example in a new version. */
const minRegenerated = 3;

/** Returns the files with a mark that forbids edits. No pair covers them, and nothing else has changed that a generator reads. */
export async function findUnpairedOutputs(
  repository: Repository,
  changed: ReadonlySet<string>,
  pairs: readonly GeneratedPair[],
): Promise<GeneratedPair[]> {
  const marked = await findMarkedFiles(repository, [...changed]);
  const markedNames = new Set(marked.map(({ file }) => file));
  const mayBeSource = (file: string): boolean =>
    !markedNames.has(file) && !isDocument(file) && !repository.isTest(file);
  if ([...changed].some(mayBeSource)) return [];
  const paired = new Set(pairs.map(({ output }) => output));
  const countOf = (mark: string): number => marked.filter(({ text }) => text === mark).length;
  return marked
    .filter(({ file, header, text }) => {
      const comment = header.join('\n');
      return (
        !paired.has(file) && doNotEdit.test(comment) && !remoteSource.test(comment) && countOf(text) < minRegenerated
      );
    })
    .map(toPair);
}

const toPair = ({ file }: MarkedFile): GeneratedPair => ({
  output: file,
  dependsOn: () => false,
  origin: 'its header, which forbids edits',
});
