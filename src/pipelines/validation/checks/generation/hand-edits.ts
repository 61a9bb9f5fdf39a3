/** Whether a generated file is what its generator wrote, and from the sources as they are now. */
import type { Finding } from '../../../../protocol/validation.ts';
import { type Check, type Context, fault, pass, skip } from '../../check/check.ts';
import { counted, findingsOf } from '../../check/findings.ts';
import { preambleOf } from '../../repository/file-names.ts';
import { changesOf } from '../workspace/git/git-clean.ts';
import { type Git, prefixOf, withGit } from '../workspace/git/git-query.ts';
import { type Pair, pairsOf } from './generated-pairs.ts';
import { configsOf } from './generator-configs.ts';
import type { Proof } from './output-languages.ts';

/** Where one of these changed, another version of a generator may have written the outputs anew. */
const tooling =
  /(?:^|\/)(?:package(?:-lock)?\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?|go\.(?:mod|sum|work)|Cargo\.(?:toml|lock)|pyproject\.toml|(?:uv|poetry|pdm)\.lock|requirements[^/]*\.txt|Makefile|Taskfile\.ya?ml|justfile|[^/]+\.mk|Dockerfile[^/]*|tools\.go|\.tool-versions|mise\.toml)$/;

/** Paths that differ from the last commit, relative to the workspace. */
async function changedOf(git: Git): Promise<Set<string>> {
  const { stdout } = await git(['status', '--porcelain=v2', '-z', '--untracked-files=no', '--no-renames']);
  const prefix = await prefixOf(git);
  const inside = changesOf(stdout).filter(({ file }) => file.startsWith(prefix));
  return new Set(inside.map(({ file }) => file.slice(prefix.length)));
}

/** Text of a file in a commit; nothing where it is not in it. */
async function textIn(git: Git, commit: string, file: string): Promise<string | undefined> {
  const ran = await git(['cat-file', 'blob', `${commit}:./${file}`], { answersTo: 128 });
  return ran.code === 0 ? ran.stdout : undefined;
}

/** What a generator leaves as it is when it writes the rest anew. */
const forHands = /\bfrozen\b|\buser[- ]?code\b|\bcustom (?:code|section)\b|\bprotected region\b/i;

/** Its generator says in the head which version wrote it: where that changed, no hand did. */
async function keepsItsHead(git: Git, { repository }: Context, file: string): Promise<boolean> {
  const [before, now] = [await textIn(git, 'HEAD', file), await repository.text(file)];
  if (before === undefined || now === undefined || before === now || forHands.test(now)) return false;
  return preambleOf(before) === preambleOf(now);
}

const handEdits: Check = {
  id: 'GEN_HAND_EDITS',
  category: 'generation',
  severity: 'fatal',
  from: 'dev',
  title: 'No generated file was changed by hand',
  timeoutMs: 3000,
  lane: 'cheap',
  run: withGit(async (git, context) => {
    const changed = await changedOf(git);
    if (changed.size === 0) return skip('not_applicable', 'Nothing differs from the last commit.');
    const pairs = await pairsOf(context.repository, changed);
    const outputs = new Set(pairs.map(({ output }) => output));
    const told = `${counted(outputs.size, 'changed file')} of generators`;
    if (outputs.size === 0) {
      return skip('not_applicable', `None of ${counted(changed.size, 'changed file')} is known to be of a generator.`);
    }
    const configs = (await configsOf(context.repository)).map(({ file }) => file);
    const tool = [...changed].find((file) => tooling.test(file) || configs.includes(file));
    if (tool) {
      return skip(
        'not_applicable',
        `${tool} has changed too: another version of a generator may have written what differs.`,
      );
    }
    const edited = new Map<string, Pair>();
    for (const pair of pairs) {
      const others = pairs.filter(({ output }) => output === pair.output);
      if ([...changed].some((file) => file !== pair.output && others.some((one) => one.reads(file)))) continue;
      if (await keepsItsHead(git, context, pair.output)) edited.set(pair.output, pair);
    }
    if (edited.size === 0) return pass(`${told}, none of them changed by hand as far as is known.`);
    return fault(`${edited.size} of ${told} changed while no source did.`, {
      findings: findingsOf([...edited.values()], ({ output, by }) => ({
        file: output,
        message: `It is written by a generator (so says ${by}), and no source has changed: the next run would undo this.`,
      })),
      remediation: [
        {
          priority: 'critical',
          title: 'Change the source and generate again',
          steps: ['Make the change in the source or the template.', 'Run the generator, and commit both.'],
          command: ['git', 'diff', '--', ...[...edited.keys()].slice(0, 10)],
        },
      ],
    });
  }),
};

/** Each costs two programs of git; those of a repository with more are looked at in the order of their paths. */
const mostPairs = 100;
const atOnce = 4;

interface Held {
  readonly output: string;
  readonly source: string;
  readonly proof: Proof;
}

/** Nothing where it is fresh, or where it cannot be told. */
async function staleness(
  git: Git,
  { repository }: Context,
  changed: ReadonlySet<string>,
  { output, source, proof }: Held,
): Promise<Finding | undefined> {
  // Written since the last commit: from what, nobody knows.
  if (changed.has(output)) return undefined;
  const commit = (await git(['log', '-1', '--format=%H', '--', output])).stdout.trim();
  const before = commit === '' ? undefined : await textIn(git, commit, source);
  const [now, written] = [await repository.text(source), await repository.text(output)];
  if (before === undefined || now === undefined || written === undefined || before === now) return undefined;
  const message = proof(source, before, now, written);
  return message ? { file: output, message } : undefined;
}

const fresh: Check = {
  id: 'GEN_FRESH',
  category: 'generation',
  severity: 'fatal',
  from: 'ci',
  title: 'Generated files are as new as their sources',
  timeoutMs: 4000,
  // Short questions to git.
  lane: 'cheap',
  run: withGit(async (git, context) => {
    const pairs = await pairsOf(context.repository);
    const known = pairs.flatMap(({ output, held }) => (held ? [{ output, ...held }] : []));
    if (known.length === 0)
      return skip('not_applicable', 'No generated file is known that can be held against its source.');
    const head = await git(['rev-parse', '--verify', '--quiet', 'HEAD'], { answersTo: 1 });
    if (head.code !== 0) return skip('not_applicable', 'There is no commit yet to compare with.');
    const changed = await changedOf(git);
    const looked = known.slice(0, mostPairs);
    const found: Finding[] = [];
    for (let at = 0; at < looked.length; at += atOnce) {
      const some = looked.slice(at, at + atOnce);
      const results = await Promise.all(some.map((one) => staleness(git, context, changed, one)));
      found.push(...results.filter((one) => one !== undefined));
    }
    const left = known.length > looked.length ? ` (${known.length - looked.length} more not looked at)` : '';
    const told = `${counted(looked.length, 'pair')} of source and output${left}`;
    if (found.length === 0) return pass(`${told}, none out of date as far as can be proved.`);
    return fault(`${found.length} of ${told} out of date.`, {
      findings: findingsOf(found, (one) => one),
      remediation: [
        {
          priority: 'critical',
          title: 'Generate again',
          steps: ['Run the generator.', 'Commit what it writes together with the source.'],
        },
      ],
    });
  }),
};

export const changeChecks: readonly Check[] = [handEdits, fresh];
