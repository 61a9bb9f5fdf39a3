/** Checks that no generated file was edited by hand since the last commit. */
import { plural } from '../../../../protocol/plural.ts';
import { type Check, type CheckContext, fail, pass, skip } from '../../check/check.ts';
import { findingsOf } from '../../check/findings.ts';
import { preambleOf } from '../../repository/foreign/file-names.ts';
import { listChangedFiles, readCommitted } from '../workspace/git/git-history.ts';
import { type GitQuery, withGit } from '../workspace/git/git-query.ts';
import { findGeneratedPairs, type GeneratedPair } from './generated-pairs.ts';
import { findGeneratorConfigs } from './generator-configs.ts';
import { findUnpairedOutputs } from './unpaired-outputs.ts';

/** Files that select the version of a generator. If one has changed, a new version may have rewritten the outputs. */
const toolFiles =
  /(?:^|\/)(?:package(?:-lock)?\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?|go\.(?:mod|sum|work)|Cargo\.(?:toml|lock)|pyproject\.toml|(?:uv|poetry|pdm)\.lock|requirements[^/]*\.txt|Makefile|Taskfile\.ya?ml|justfile|[^/]+\.mk|Dockerfile[^/]*|tools\.go|\.tool-versions|mise\.toml)$/;

/** Marks of regions that a generator preserves for handwritten code. */
const editableRegion = /\bfrozen\b|\buser[- ]?code\b|\bcustom (?:code|section)\b|\bprotected region\b/i;

/**
 * Returns true if only the part below the header has changed. Generators write their version into the header, so a
 * changed header means that the generator has written the file.
 */
async function isBodyEdited(git: GitQuery, { repository }: CheckContext, file: string): Promise<boolean> {
  const [committed, current] = [await readCommitted(git, 'HEAD', file), await repository.text(file)];
  if (committed === undefined || current === undefined || committed === current) return false;
  return !editableRegion.test(current) && preambleOf(committed).trimEnd() === preambleOf(current).trimEnd();
}

export const handEdits: Check = {
  id: 'GEN_HAND_EDITS',
  category: 'generation',
  severity: 'fatal',
  minProfile: 'dev',
  title: 'No generated file was edited by hand',
  timeoutMs: 3000,
  lane: 'cheap',
  run: withGit(async (git, context) => {
    const changed = await listChangedFiles(git);
    if (changed.size === 0) return skip('not_applicable', 'No tracked file differs from the last commit.');
    const sourcedPairs = await findGeneratedPairs(context.repository, changed);
    const pairs = [...sourcedPairs, ...(await findUnpairedOutputs(context.repository, changed, sourcedPairs))];
    const outputs = new Set(pairs.map(({ output }) => output));
    if (outputs.size === 0) {
      return skip('not_applicable', `None of ${plural(changed.size, 'changed file')} is known to be generated.`);
    }
    const configs = (await findGeneratorConfigs(context.repository)).map(({ file }) => file);
    const toolFile = [...changed].find((file) => toolFiles.test(file) || configs.includes(file));
    if (toolFile) {
      return skip(
        'not_applicable',
        `${toolFile} has changed too, so another generator version may have written the changes.`,
      );
    }
    const edited = new Map<string, GeneratedPair>();
    for (const pair of pairs) {
      const sameOutput = pairs.filter(({ output }) => output === pair.output);
      const hasChangedSource = [...changed].some(
        (file) => file !== pair.output && sameOutput.some((other) => other.dependsOn(file)),
      );
      if (!hasChangedSource && (await isBodyEdited(git, context, pair.output))) edited.set(pair.output, pair);
    }
    const count = plural(outputs.size, 'changed generated file');
    if (edited.size === 0) return pass(`No hand edits found in ${count}.`);
    return fail(`${edited.size} of ${count} changed without a change to a source.`, {
      findings: findingsOf([...edited.values()], ({ output, origin }) => ({
        file: output,
        message: `This file is generated (according to ${origin}), but no source has changed. The next run of the generator will undo the edit.`,
      })),
      remediation: [
        {
          priority: 'critical',
          title: 'Change the source and regenerate',
          steps: ['Make the change in the source or the template.', 'Run the generator and commit both.'],
          command: ['git', 'diff', '--', ...[...edited.keys()].slice(0, 10)],
        },
      ],
    });
  }),
};
