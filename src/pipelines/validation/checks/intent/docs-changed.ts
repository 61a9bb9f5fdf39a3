/** Checks that documents change together with the code. */
import { posix } from 'node:path';
import { parse as parseToml } from 'smol-toml';
import { plural } from '../../../../protocol/plural.ts';
import { type Check, type CheckContext, type CheckOutcome, fail, pass, skip } from '../../check/check.ts';
import { findingsOf } from '../../check/findings.ts';
import { field } from '../../repository/manifest-formats.ts';
import { askRepository, type ChangedFile, changedSince, findBase } from '../changes.ts';
import { isSourceName, sourceExtensions } from '../source-extensions.ts';

export const docsChanged: Check = {
  id: 'INT_DOCS_CHANGED',
  category: 'intent',
  severity: 'warning',
  minProfile: 'ci',
  title: 'Documents change with the code',
  timeoutMs: 20_000,
  lane: 'cheap',
  run: checkDocuments,
};

/** Documents, changelogs, and entries that tools collect for the next changelog. */
const documents =
  /(?:^|\/)(?:docs?|documentation|\.changeset|changelog\.d|newsfragments|changes|adrs?|rfcs?)\/|\.(?:mdx?|markdown|rst|adoc|asciidoc)$|(?:^|\/)(?:readme|changelog|changes|news|history)[^/]*$/i;
/** Number of changed source files from which a change with new files is large enough to need a document. */
const largeChange = 10;
/** Number of commits to sources without any to a document, from which the documents count as forgotten. */
const maxCommits = 100;

async function checkDocuments(context: CheckContext): Promise<CheckOutcome> {
  const { repository } = context;
  if (!repository.git) return skip('no_git', 'Changes cannot be determined without Git.');
  const files = await repository.files();
  if (!files.some((file) => documents.test(file))) return skip('not_applicable', 'The workspace has no documents.');
  const base = await findBase(context);
  const changed = base === undefined ? undefined : await changedSince(base, context);
  const sources = (changed ?? []).filter(({ file }) => isSource(file, context));
  if (base === undefined || changed === undefined || sources.length === 0) return checkHistory(context);
  return checkChanges(base, changed, sources, context);
}

const isSource = (file: string, { repository }: CheckContext): boolean =>
  isSourceName(file) && !repository.isTest(file) && !repository.isForeign(file);

async function checkChanges(
  base: string,
  changed: readonly ChangedFile[],
  sources: readonly ChangedFile[],
  context: CheckContext,
): Promise<CheckOutcome> {
  const since = base.slice(0, 10);
  const documentCount = changed.filter(({ file }) => documents.test(file)).length;
  const counts = `${plural(sources.length, 'source file')} and ${plural(documentCount, 'document')} changed since ${since}`;
  if (documentCount > 0) return pass(`${counts}.`);
  const commands = await findNewCommands(base, changed, context);
  const isLarge = sources.length >= largeChange && sources.some(({ isNew }) => isNew);
  if (commands.length === 0 && !isLarge) return pass(`${counts}; the change is small and adds no command.`);
  const findings =
    commands.length > 0
      ? commands.map(({ file, name }) => ({ file, message: `The program “${name}” is new, but no document changed.` }))
      : findingsOf(
          sources.filter(({ isNew }) => isNew),
          ({ file }) => ({ file, message: 'New, but no document changed.' }),
        );
  return fail(`${counts}.`, {
    findings,
    remediation: [
      {
        priority: 'low',
        title: 'Document the change',
        steps: ['Add what users or developers must know to the README, the documents or the changelog.'],
      },
    ],
  });
}

/** Finds programs that manifests announce now, but did not at the base. */
async function findNewCommands(
  base: string,
  changed: readonly ChangedFile[],
  context: CheckContext,
): Promise<{ readonly file: string; readonly name: string }[]> {
  const commands: { readonly file: string; readonly name: string }[] = [];
  for (const { file, isNew } of changed) {
    const read = programReaders[posix.basename(file)];
    if (read === undefined || isNew || context.repository.isForeign(file)) continue;
    const before = await askRepository(context, 'show', `${base}:./${file}`);
    const old = new Set(before === undefined ? [] : read(before));
    const now = read((await context.repository.text(file)) ?? '');
    commands.push(...now.filter((name) => !old.has(name)).map((name) => ({ file, name })));
  }
  return commands;
}

/** Readers of the names of announced programs, by the base name of the manifest. One that does not parse has none. */
const programReaders: Readonly<Record<string, (text: string) => string[]>> = {
  'package.json': (text) => {
    const manifest = attempt(() => JSON.parse(text));
    const bin = field(manifest, 'bin');
    return typeof bin === 'string' ? [String(field(manifest, 'name'))] : Object.keys(bin ?? {});
  },
  'pyproject.toml': (text) => {
    const manifest = attempt(() => parseToml(text));
    const tables = [
      field(field(manifest, 'project'), 'scripts'),
      field(field(field(manifest, 'tool'), 'poetry'), 'scripts'),
    ];
    return tables.flatMap((table) => Object.keys(table ?? {}));
  },
  'Cargo.toml': (text) => {
    const manifest = attempt(() => parseToml(text));
    const programs = field(manifest, 'bin');
    return Array.isArray(programs) ? programs.map((program) => String(field(program, 'name'))) : [];
  },
};

function attempt(parse: () => unknown): unknown {
  try {
    return parse();
  } catch {
    return undefined;
  }
}

/** Without changes to compare, counts the commits to sources since the last one to a document. */
async function checkHistory(context: CheckContext): Promise<CheckOutcome> {
  const isShallow = (await askRepository(context, 'rev-parse', '--is-shallow-repository'))?.trim() !== 'false';
  if (isShallow) return skip('not_applicable', 'No changed source files, and the history is incomplete.');
  const globs = ['*.md', '*.mdx', '*.rst', '*.adoc', 'docs/*', '.changeset/*'].map((glob) => `:(glob)**/${glob}`);
  const last = (await askRepository(context, 'log', '-1', '--format=%H', '--', ...globs))?.trim();
  if (!last) return skip('not_applicable', 'No changed source files, and no commit changed a document.');
  const sources = sourceExtensions.map((extension) => `:(glob)**/*.${extension}`);
  const range = `${last}..HEAD`;
  const count = await askRepository(
    context,
    'rev-list',
    '--count',
    `--max-count=${maxCommits + 1}`,
    range,
    '--',
    ...sources,
  );
  const commits = Number(count ?? 0);
  if (commits <= maxCommits)
    return pass(`${plural(commits, 'commit')} to source files since the last one to a document.`);
  return fail(`More than ${plural(maxCommits, 'commit')} to source files since the last one to a document.`, {
    remediation: [
      {
        priority: 'low',
        title: 'Update the documents',
        steps: ['Compare the README and the documents with the present code, and correct what has changed.'],
      },
    ],
  });
}
