/** Checks that the changelog has an entry for the version in the manifest, or one for the next release. */
import { posix } from 'node:path';
import { plural } from '../../../../protocol/plural.ts';
import type { Finding } from '../../../../protocol/validation/validation.ts';
import { type Check, fail, pass, skip } from '../../check/check.ts';
import type { Repository } from '../../repository/repository.ts';
import { findVersionedProjects, readRelease } from './manifest-versions.ts';

export const changelog: Check = {
  id: 'DEP_CHANGELOG',
  category: 'deployment',
  severity: 'warning',
  minProfile: 'ci',
  title: 'The changelog has an entry for the version',
  timeoutMs: 5000,
  lane: 'cheap',
  run: async ({ repository }) => {
    const findings: Finding[] = [];
    const checked: string[] = [];
    const projects = await findVersionedProjects(repository);
    // A release of a workspace may raise the versions of members that have not changed.
    const outermost = projects.filter(
      ({ folder }) => !projects.some((other) => other.folder !== folder && isIn(folder, other.folder)),
    );
    for (const { folder, manifest } of outermost) {
      const version = await readRelease(repository, manifest);
      const file = version === undefined ? undefined : await findChangelog(repository, folder);
      if (version === undefined || file === undefined || checked.includes(file)) continue;
      const answer = findEntry((await repository.text(file)) ?? '', version);
      if (answer === 'unknown') continue;
      checked.push(file);
      if (answer === 'missing')
        findings.push({
          file,
          message: `No entry for version ${version} of ${manifest}, and none for the next one.`,
        });
    }
    if (checked.length === 0)
      return skip('not_applicable', 'No package has both a version and a changelog with versions.');
    if (findings.length === 0)
      return pass(`${plural(checked.length, 'changelog has', 'changelogs have')} an entry for the version.`);
    return fail(`${findings.length} of ${plural(checked.length, 'changelog')} without an entry for the version.`, {
      findings,
      remediation: [
        {
          priority: 'medium',
          title: 'Complete the changelog',
          steps: ['Add an entry that says what the version changes.'],
        },
      ],
    });
  },
};

const isIn = (folder: string, outer: string): boolean => outer === '' || folder.startsWith(`${outer}/`);

const changelogName = /^(?:change[-_ ]?logs?|changes|history|news|release[-_ ]?notes)(?:\.(?:md|mdx|rst|txt|adoc))?$/i;
/** Folders in which tools collect entries until a release. */
const entryFolder =
  /^(?:\.changeset|\.changes|changelog\.d|changelogs?|newsfragments|news|changes)\/|(?:^|\/)NEWS\.d\//;

/** Returns undefined if the project has no changelog, or if a tool writes it from separate entries. */
async function findChangelog(repository: Repository, folder: string): Promise<string | undefined> {
  const files = await repository.files();
  if (files.some((file) => entryFolder.test(file))) return undefined;
  const parents = [folder || '.', posix.join(folder, 'docs')];
  return files.find((file) => parents.includes(posix.dirname(file)) && changelogName.test(posix.basename(file)));
}

const versionPattern = /(?<![\w.])v?(\d+\.\d+(?:\.\d+)*)(?![\w.]*\d)/;
const unreleased =
  /\b(?:unreleased|upcoming|not (?:yet )?released|to be (?:released|determined)|tbd|tba|next|development|in progress|head|master|main|vnext)\b/i;
/** Text by which an old changelog says that entries are elsewhere now. */
const moved = /github\.com\/[\w.-]+\/[\w.-]+\/releases|github releases|see (?:the )?releases/i;
const headLength = 2000;
/** Number of versions from which a changelog certainly lists all of them. */
const minVersions = 2;

/** `unknown`: the changelog does not list versions, says that they are elsewhere, or was given up two major versions ago. */
export function findEntry(text: string, version: string): 'present' | 'missing' | 'unknown' {
  const headings = headingsIn(text);
  const versions = headings.flatMap((heading) => versionPattern.exec(heading)?.[1] ?? []);
  if (versions.length < minVersions || moved.test(text.slice(0, headLength))) return 'unknown';
  const [first = ''] = headings.filter((heading) => versionPattern.test(heading) || unreleased.test(heading));
  if (unreleased.test(first) || versions.some((other) => compare(other, version) >= 0)) return 'present';
  const major = Math.max(...versions.map((other) => Number.parseInt(other, 10)));
  return Number.parseInt(version, 10) - major > 1 ? 'unknown' : 'missing';
}

/** Returns lines that are marked as headings, underlined, or start with a version. */
function headingsIn(text: string): string[] {
  const lines = text.split('\n');
  return lines.filter(
    (line, index) =>
      /^#{1,4}\s|^(?:\*\*)?\[?v?\d+\.\d+/i.test(line) ||
      (/\S/.test(line) && /^\s*[-=~^]{3,}\s*$/.test(lines[index + 1] ?? '')),
  );
}

function compare(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number));
  for (let index = 0; index < Math.max(left?.length ?? 0, right?.length ?? 0); index++) {
    const difference = (left?.[index] ?? 0) - (right?.[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
