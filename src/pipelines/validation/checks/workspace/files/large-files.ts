/** Whether the files can be checked out and kept everywhere: where links lead, sizes, names, line ends, ignored ones. */
import { lstatSync } from 'node:fs';
import { readlink } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { type Check, fault, pass, skip } from '../../../check/check.ts';
import { counted, findingsOf } from '../../../check/findings.ts';
import { paced } from '../../../check/yield-to-loop.ts';
import { isFixtureName } from '../../../repository/file-names.ts';
import { type Git, listOf, prefixOf, withGit } from '../git/git-query.ts';
import { unportable } from './unportable-names.ts';

/** GitHub warns from 50 MB on; from here on a history grows in a way that people feel. */
const largeBytes = 5_000_000;

/** Entry of `git ls-files -s` that is a symbolic link. */
const linkMode = '120000 ';

async function linksOf(git: Git): Promise<string[]> {
  const entries = listOf((await git(['ls-files', '-s', '-z'])).stdout).filter((entry) => entry.startsWith(linkMode));
  const links = entries.map((entry) => entry.slice(entry.indexOf('\t') + 1));
  return links.filter((file) => !isFixtureName(file));
}

/** Why a link is no good elsewhere; nothing where it is. A link may lead to anything in its repository. */
function faultOfLink(file: string, target: string, prefix: string): string | undefined {
  const path = target.replaceAll('\\', '/');
  if (path.startsWith('/') || /^[a-z]:/i.test(path))
    return `The link leads to ${target}, which is a place of one machine.`;
  const reached = posix.normalize(posix.join(prefix, posix.dirname(file), path));
  const leaves = reached === '..' || reached.startsWith('../');
  return leaves ? `The link leads to ${target}, which is outside of the repository.` : undefined;
}

const symlinks: Check = {
  id: 'WS_SYMLINKS',
  category: 'workspace',
  severity: 'fatal',
  from: 'dev',
  title: 'Links stay in the repository',
  timeoutMs: 2000,
  lane: 'cheap',
  run: withGit(async (git, context) => {
    const links = await linksOf(git);
    if (links.length === 0) return pass('No link is tracked.');
    const prefix = await prefixOf(git);
    const looked = await Promise.all(
      links.map(async (file) => {
        // Where links cannot be made, git writes a file with the target in it: nothing leads anywhere.
        const target = await readlink(join(context.repository.root, file)).catch(() => undefined);
        const message = target === undefined ? undefined : faultOfLink(file, target, prefix);
        return message === undefined ? undefined : { file, message };
      }),
    );
    const bad = looked.filter((one) => one !== undefined);
    if (bad.length === 0) return pass(`${counted(links.length, 'tracked link')}, all leading into the repository.`);
    return fault(`${bad.length} of ${counted(links.length, 'tracked link')} lead out of the repository.`, {
      findings: findingsOf(bad, (one) => one),
      remediation: [
        {
          priority: 'critical',
          title: 'Let the links lead into the repository',
          steps: ['Make each a relative link to a tracked file, or put a copy of the file in its place.'],
        },
      ],
    });
  }),
};

/** Of these, the ones whose content git keeps elsewhere (LFS, annex): `git check-attr -z` says path, name, value. */
async function keptElsewhere(git: Git, files: readonly string[]): Promise<Set<string>> {
  const { stdout } = await git(['check-attr', '-z', '--stdin', 'filter'], { input: files.join('\0') });
  const parts = stdout.split('\0');
  return new Set(parts.filter((_, at) => at % 3 === 0 && ['lfs', 'annex'].includes(parts[at + 2] ?? '')));
}

const largeFiles: Check = {
  id: 'WS_LARGE_FILES',
  category: 'workspace',
  severity: 'warning',
  from: 'dev',
  title: `No tracked file is larger than ${largeBytes / 1e6} MB, but in LFS`,
  timeoutMs: 2000,
  lane: 'cheap',
  run: withGit(async (git, { repository }) => {
    const files = await repository.files();
    const large: { readonly file: string; readonly size: number }[] = [];
    const turn = paced();
    for (const file of files) {
      await turn();
      // At once: a look takes microseconds, and would wait longer for a thread that is free.
      const looks = lstatSync(join(repository.root, file), { throwIfNoEntry: false });
      if (looks?.isFile() && looks.size > largeBytes) large.push({ file, size: looks.size });
    }
    const elsewhere =
      large.length > 0
        ? await keptElsewhere(
            git,
            large.map(({ file }) => file),
          )
        : new Set<string>();
    const bad = large.filter(({ file }) => !elsewhere.has(file)).sort((a, b) => b.size - a.size);
    const limit = `${largeBytes / 1e6} MB`;
    if (bad.length === 0) return pass(`None of ${counted(files.length, 'file')} is larger than ${limit}.`);
    return fault(`${counted(bad.length, 'tracked file')} larger than ${limit}.`, {
      findings: findingsOf(bad, ({ file, size }) => ({
        file,
        message: `This file has ${(size / 1e6).toFixed(1)} MB.`,
      })),
      remediation: [
        {
          priority: 'low',
          title: 'Keep large files out of the history',
          steps: ['Keep them in git LFS, or fetch them where they are needed.', 'Ignore them if a build writes them.'],
          command: ['git', 'lfs', 'track', bad[0]?.file ?? ''],
        },
      ],
    });
  }),
};

const portablePaths: Check = {
  id: 'WS_PORTABLE_PATHS',
  category: 'workspace',
  severity: 'warning',
  from: 'ci',
  title: 'Names work on Windows, macOS and Linux',
  timeoutMs: 2000,
  lane: 'cheap',
  run: async ({ repository }) => {
    const files = await repository.files();
    if (files.length === 0) return skip('not_applicable', 'There is no file.');
    const bad = await unportable(files);
    if (bad.length === 0) return pass(`${counted(files.length, 'path')}, all good on every system.`);
    return fault(`${counted(bad.length, 'path')} that not every system can keep.`, {
      findings: findingsOf(bad, (one) => one),
      remediation: [
        { priority: 'medium', title: 'Rename them', steps: ['Give each a name that Windows and macOS take too.'] },
      ],
    });
  },
};

const lineEnds: Check = {
  id: 'WS_EOL',
  category: 'workspace',
  severity: 'warning',
  from: 'enterprise',
  title: 'A file ends its lines in one way',
  timeoutMs: 3000,
  lane: 'cheap',
  run: withGit(async (git, { repository }) => {
    // Each entry: i/<in the index> w/<in the folder> attr/<what is said of it>, tabulator, path.
    const entries = listOf((await git(['ls-files', '--eol', '-z'])).stdout);
    const mixed = entries
      .filter((entry) => /^i\/mixed /.test(entry) && !/ attr\/-text\b/.test(entry))
      .map((entry) => entry.slice(entry.indexOf('\t') + 1))
      .filter((file) => !repository.isForeign(file));
    if (mixed.length === 0) return pass(`${counted(entries.length, 'file')}, none with both kinds of line ends.`);
    return fault(`${counted(mixed.length, 'file')} of ${entries.length} with both kinds of line ends.`, {
      findings: findingsOf(mixed, (file) => ({ file, message: 'Some lines end with CRLF, some with LF.' })),
      remediation: [
        {
          priority: 'low',
          title: 'End all lines of a file in one way',
          steps: ['Say “* text=auto” in .gitattributes.', 'Renormalize the files and commit them.'],
          command: ['git', 'add', '--renormalize', '.'],
        },
      ],
    });
  }),
};

/** Added against a rule on purpose: they hold a folder's place. */
const placeholders = /(?:^|\/)(?:\.gitkeep|\.keep|\.gitignore|\.npmignore|\.placeholder|README[^/]*)$/i;

const ignoredTracked: Check = {
  id: 'WS_IGNORED_TRACKED',
  category: 'workspace',
  severity: 'warning',
  from: 'enterprise',
  title: 'No tracked file is ignored',
  timeoutMs: 3000,
  lane: 'cheap',
  run: withGit(async (git, { repository }) => {
    // By the repository's own rules alone: a person's own would find other faults on each machine.
    const output = await git(['ls-files', '-c', '-i', '--exclude-per-directory=.gitignore', '-z']);
    const ignored = listOf(output.stdout).filter(
      (file) => !placeholders.test(file) && !isFixtureName(file) && !repository.isTest(file),
    );
    if (ignored.length === 0) return pass('No tracked file is ignored by a rule of the repository.');
    return fault(`${counted(ignored.length, 'tracked file')} ignored by a rule of the repository.`, {
      findings: findingsOf(ignored, (file) => ({
        file,
        message: 'This file is tracked, and a .gitignore ignores it.',
      })),
      remediation: [
        {
          priority: 'low',
          title: 'Track it or ignore it',
          steps: ['Take it out of git if a build writes it.', 'Else say in .gitignore with “!” that it belongs.'],
          command: ['git', 'rm', '--cached', ignored[0] ?? ''],
        },
      ],
    });
  }),
};

export const fileChecks: readonly Check[] = [symlinks, largeFiles, portablePaths, lineEnds, ignoredTracked];
