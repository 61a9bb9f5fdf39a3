/** Whether a newcomer finds what to read: what it is, what one may do with it, what has changed. */
import { posix } from 'node:path';
import { type Check, type Context, fault, pass, skip } from '../../../check/check.ts';
import { field } from '../../../repository/manifest-formats.ts';

interface Paper {
  readonly title: string;
  has(files: readonly string[], context: Context): boolean | Promise<boolean>;
}

/** Where hosts of repositories look for papers too. */
const shelves = ['.', '.github', '.gitlab', 'docs', 'doc'];

const onShelf = (files: readonly string[], name: RegExp): boolean =>
  files.some((file) => shelves.includes(posix.dirname(file)) && name.test(posix.basename(file)));

const licence = /^(?:[a-z0-9.]+[-_])?(?:licen[cs]es?|copying|unlicense|copyright)(?:[-_.][^/]*)?$/i;
const changes =
  /^(?:change[-_ ]?logs?|changes|history|news|release[-_ ]?notes|releases|whats[-_ ]?new)(?:\.(?:md|mdx|rst|txt|adoc|org))?$/i;
/** Where tools collect what has changed until a release. */
const changeFolder = /^(?:\.changeset|\.changes|changelog\.d|changelogs?|newsfragments|news)\/|(?:^|\/)NEWS\.d\//;

const papers: readonly Paper[] = [
  { title: 'README', has: (files) => onShelf(files, /^read[-_]?me(?:[-_.].*)?$/i) },
  {
    title: 'LICENSE',
    has: async (files, { repository }) =>
      onShelf(files, licence) ||
      files.some((file) => file.startsWith('LICENSES/')) ||
      // What npm's manifest has to say where nobody is allowed anything.
      field(await repository.json('package.json'), 'license') === 'UNLICENSED',
  },
  {
    title: 'CHANGELOG',
    // In a workspace of several packages each may have its own.
    has: (files, { repository }) =>
      files.some(
        (file) => (changes.test(posix.basename(file)) && !repository.isForeign(file)) || changeFolder.test(file),
      ),
  },
];

const docs: Check = {
  id: 'WS_DOCS',
  category: 'workspace',
  severity: 'warning',
  from: 'ci',
  title: 'README, LICENSE and CHANGELOG are there',
  timeoutMs: 1000,
  lane: 'cheap',
  run: async (context) => {
    const files = await context.repository.files();
    if (files.length === 0) return skip('not_applicable', 'There is no file.');
    const looked = await Promise.all(papers.map(async (paper) => ({ paper, there: await paper.has(files, context) })));
    const missing = looked.filter(({ there }) => !there).map(({ paper }) => paper.title);
    if (missing.length === 0) return pass(`${papers.map(({ title }) => title).join(', ')} are there.`);
    return fault(`There is no ${missing.join(' and no ')}.`, {
      remediation: missing.map((title) => ({
        priority: 'low',
        title: `Write a ${title}`,
        steps: [`Put a ${title} into the workspace's own folder and commit it.`],
      })),
    });
  },
};

export const paperChecks: readonly Check[] = [docs];
