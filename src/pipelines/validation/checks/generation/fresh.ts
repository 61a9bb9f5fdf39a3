/** Checks that generated files are up to date with their sources. */
import { plural } from '../../../../protocol/plural.ts';
import type { Finding } from '../../../../protocol/validation/validation.ts';
import { type Check, type CheckContext, fail, pass, skip } from '../../check/check.ts';
import { findingsOf } from '../../check/findings.ts';
import { listChangedFiles, readCommitted } from '../workspace/git/git-history.ts';
import { type GitQuery, withGit } from '../workspace/git/git-query.ts';
import { findGeneratedPairs } from './generated-pairs.ts';
import type { StalenessProof } from './output-languages.ts';

/** Maximum number of pairs to compare, in the order of their paths. Each one starts two git processes. */
const maxPairs = 100;
const maxParallelPairs = 4;

interface ComparablePair {
  readonly output: string;
  readonly source: string;
  readonly proof: StalenessProof;
}

/** Returns undefined if the output is up to date, or if its state is unknown. */
async function findStaleness(
  git: GitQuery,
  { repository }: CheckContext,
  changed: ReadonlySet<string>,
  { output, source, proof }: ComparablePair,
): Promise<Finding | undefined> {
  // The output was written after the last commit, so the source it was generated from is unknown.
  if (changed.has(output)) return undefined;
  const commit = (await git(['log', '-1', '--format=%H', '--', output])).stdout.trim();
  const sourceBefore = commit === '' ? undefined : await readCommitted(git, commit, source);
  const [sourceNow, outputText] = [await repository.text(source), await repository.text(output)];
  if (sourceBefore === undefined || sourceNow === undefined || outputText === undefined) return undefined;
  if (sourceBefore === sourceNow) return undefined;
  const message = proof(source, sourceBefore, sourceNow, outputText);
  return message ? { file: output, message } : undefined;
}

export const fresh: Check = {
  id: 'GEN_FRESH',
  category: 'generation',
  severity: 'fatal',
  minProfile: 'ci',
  title: 'Generated files are up to date with their sources',
  timeoutMs: 4000,
  // Runs git, but only short queries.
  lane: 'cheap',
  run: withGit(async (git, context) => {
    const pairs = (await findGeneratedPairs(context.repository)).flatMap(({ output, comparison }) =>
      comparison ? [{ output, ...comparison }] : [],
    );
    if (pairs.length === 0) return skip('not_applicable', 'No generated file can be compared with its source.');
    const head = await git(['rev-parse', '--verify', '--quiet', 'HEAD'], { maxExitCode: 1 });
    if (head.code !== 0) return skip('not_applicable', 'The repository has no commits to compare with.');
    const changed = await listChangedFiles(git);
    const compared = pairs.slice(0, maxPairs);
    const findings: Finding[] = [];
    for (let start = 0; start < compared.length; start += maxParallelPairs) {
      const batch = compared.slice(start, start + maxParallelPairs);
      const results = await Promise.all(batch.map((pair) => findStaleness(git, context, changed, pair)));
      findings.push(...results.filter((finding) => finding !== undefined));
    }
    const skipped = pairs.length > compared.length ? ` (${pairs.length - compared.length} more not checked)` : '';
    const count = `${plural(compared.length, 'pair')} of source and output${skipped}`;
    if (findings.length === 0) return pass(`No stale output found in ${count}.`);
    const verb = findings.length === 1 ? 'is' : 'are';
    return fail(`${findings.length} of ${count} ${verb} out of date.`, {
      findings: findingsOf(findings, (finding) => finding),
      remediation: [
        {
          priority: 'critical',
          title: 'Regenerate the outputs',
          steps: ['Run the generator.', 'Commit its output together with the source.'],
        },
      ],
    });
  }),
};
