/** Checks that the project has a README, a license and a changelog. */
import { posix } from 'node:path';
import { type Check, type CheckContext, fail, pass, skip } from '../../../check/check.ts';
import { field } from '../../../repository/manifest-formats.ts';

interface RequiredDocument {
  readonly title: string;
  exists(files: readonly string[], context: CheckContext): boolean | Promise<boolean>;
}

/** Folders where code hosting sites look for these documents too. */
const documentFolders = ['.', '.github', '.gitlab', 'docs', 'doc'];

const hasDocument = (files: readonly string[], name: RegExp): boolean =>
  files.some((file) => documentFolders.includes(posix.dirname(file)) && name.test(posix.basename(file)));

const licenseName = /^(?:[a-z0-9.]+[-_])?(?:licen[cs]es?|copying|unlicense|copyright)(?:[-_.][^/]*)?$/i;
const changelogName =
  /^(?:change[-_ ]?logs?|changes|history|news|release[-_ ]?notes|releases|whats[-_ ]?new)(?:\.(?:md|mdx|rst|txt|adoc|org))?$/i;
/** Folders in which tools collect changelog entries until a release. */
const changelogFolder =
  /^(?:\.changeset|\.changes|changelog\.d|changelogs?|newsfragments|news)\/|(?:^|\/)NEWS\.d\/|^docs?\/(?:[^/]+\/)?(?:changelogs?|changes|history|news|release[-_]?notes|releases|whats[-_]?new)\/[^/]+\.(?:mdx?|rst|txt|adoc)$/i;

const documents: readonly RequiredDocument[] = [
  { title: 'README', exists: (files) => hasDocument(files, /^read[-_]?me(?:[-_.].*)?$/i) },
  {
    title: 'LICENSE',
    exists: async (files, { repository }) =>
      hasDocument(files, licenseName) ||
      files.some((file) => file.startsWith('LICENSES/')) ||
      // npm's value for a package that grants no license.
      field(await repository.json('package.json'), 'license') === 'UNLICENSED',
  },
  {
    title: 'CHANGELOG',
    // In a monorepo, each package may have a changelog.
    exists: (files, { repository }) =>
      files.some(
        (file) =>
          (changelogName.test(posix.basename(file)) && !repository.isForeign(file)) || changelogFolder.test(file),
      ),
  },
];

export const docs: Check = {
  id: 'WS_DOCS',
  category: 'workspace',
  severity: 'warning',
  minProfile: 'ci',
  title: 'README, LICENSE and CHANGELOG exist',
  timeoutMs: 1000,
  lane: 'cheap',
  run: async (context) => {
    const files = await context.repository.files();
    if (files.length === 0) return skip('not_applicable', 'The workspace has no files.');
    const results = await Promise.all(
      documents.map(async ({ title, exists }) => ({ title, isPresent: await exists(files, context) })),
    );
    const missing = results.filter(({ isPresent }) => !isPresent).map(({ title }) => title);
    if (missing.length === 0) return pass('README, LICENSE and CHANGELOG exist.');
    return fail(`Missing: ${missing.join(', ')}.`, {
      remediation: missing.map((title) => ({
        priority: 'low',
        title: `Write a ${title}`,
        steps: [`Add a ${title} to the root folder of the workspace and commit it.`],
      })),
    });
  },
};
