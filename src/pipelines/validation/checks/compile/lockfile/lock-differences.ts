/** Compares a manifest with its lock file. There is one comparison for each way a lock format records requirements. */
import { posix } from 'node:path';
import { defined } from '../../../../../protocol/defined.ts';
import type { Lock, Requirements } from '../../../locks/lock.ts';
import { field } from '../../../repository/manifest-formats.ts';
import type { Repository, Stack } from '../../../repository/repository.ts';
import { normalizePackageName } from '../../normalize-package-name.ts';
import { type ManifestRequirement, readManifestRequirements } from './manifest-requirements.ts';
import { isInRange } from './version-ranges.ts';

interface LockDifference {
  /** Without a final period. */
  readonly message: string;
  /** Line in the manifest. */
  readonly line?: number;
}

/** Returns the differences between a manifest and its lock file. */
export async function compareWithLock(
  repository: Repository,
  stack: Stack,
  lock: Lock,
): Promise<readonly LockDifference[]> {
  const requirements = await readManifestRequirements(repository, stack);
  if (lock.manager === 'go') return compareGoSums(repository, requirements, lock);
  if (stack.id !== 'node') return compareVersions(stack, requirements, lock);
  const overridden = await findOverriddenNames(repository, stack, lock);
  const comparable = requirements.filter(({ name }) => !overridden.has(name));
  if (lock.requirements?.size) {
    const locked = lock.requirements.get(posix.relative(lock.folder, stack.folder));
    return compareRequirements(comparable, locked, lock, overridden);
  }
  if (lock.manager === 'yarn') return compareDescriptors(repository, comparable, lock);
  return compareVersions(
    stack,
    comparable.filter(({ kind }) => kind !== 'peer'),
    lock,
  );
}

/** Finds the packages whose required range an override replaces. The lock file records the replacement. */
async function findOverriddenNames(
  repository: Repository,
  { folder }: Stack,
  lock: Lock,
): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  for (const candidate of new Set([lock.folder, folder])) {
    const content = await repository.json(posix.join(candidate, 'package.json'));
    const pnpm = await repository.yaml(posix.join(candidate, 'pnpm-workspace.yaml'));
    for (const table of [
      field(content, 'resolutions'),
      field(field(content, 'pnpm'), 'overrides'),
      field(pnpm, 'overrides'),
    ]) {
      // Keys have the form `name`, `parent>name`, `**/name` or `name@range`.
      for (const key of Object.keys((table as object | undefined) ?? {})) {
        const last = key
          .split('>')
          .at(-1)
          ?.replace(/^\*\*\//, '') as string;
        names.add(last.replace(/(?!^)@.*$/, ''));
      }
    }
  }
  return names;
}

/** Compares with a lock file that repeats the requirements of the manifest. */
function compareRequirements(
  requirements: readonly ManifestRequirement[],
  locked: Requirements | undefined,
  lock: Lock,
  overridden: ReadonlySet<string>,
): LockDifference[] {
  // Only npm and bun record peer dependencies. Others install them, or leave them out.
  const recordsPeers = lock.manager === 'npm' || lock.manager === 'bun';
  const required = new Map<string, ManifestRequirement>();
  // If a package is in several groups, the later kind takes precedence.
  for (const kind of ['peer', 'required', 'dev', 'optional'] as const) {
    for (const requirement of requirements)
      if (requirement.kind === kind && (kind !== 'peer' || recordsPeers)) required.set(requirement.name, requirement);
  }
  if (!locked) return required.size > 0 ? [{ message: 'This project is missing from the lock file' }] : [];
  const peers = new Set(requirements.filter(({ kind }) => kind === 'peer').map(({ name }) => name));
  const differences: LockDifference[] = [];
  for (const { name, range, line } of required.values()) {
    const lockedRange = locked.get(name);
    if (lockedRange === undefined)
      differences.push({ message: `“${name}” is required but not locked`, ...defined({ line }) });
    else if (!isSameRange(range, lockedRange, lock)) {
      const message = `“${name}” is required as ${range} but locked for ${lockedRange}`;
      differences.push({ message, ...defined({ line }) });
    }
  }
  for (const name of locked.keys()) {
    if (!required.has(name) && !peers.has(name) && !overridden.has(name))
      differences.push({ message: `“${name}” is locked but no longer required` });
  }
  return differences;
}

/** Compares two ranges. Yarn and bun write `npm:` before a range, and write addresses in another form. */
function isSameRange(range: string, lockedRange: string, { manager }: Lock): boolean {
  if (range === lockedRange || range.trim() === lockedRange) return true;
  if (manager !== 'yarn' && manager !== 'bun') return false;
  const [a, b] = [range, lockedRange].map((text) => text.trim().replace(/^npm:/, '')) as [string, string];
  return a === b || /[:/#]/.test(a);
}

/** Compares with a lock file of Yarn 1, whose entries list the requirements they satisfy as `name@range`. */
async function compareDescriptors(
  repository: Repository,
  requirements: readonly ManifestRequirement[],
  { entries }: Lock,
): Promise<LockDifference[]> {
  const descriptors = new Set(entries.flatMap((entry) => entry.descriptors ?? []));
  const stacks = (await repository.stacks()).filter(({ id }) => id === 'node');
  const workspaceNames = new Set(
    await Promise.all(stacks.map(async ({ manifest }) => field(await repository.json(manifest), 'name'))),
  );
  return requirements
    .filter(
      ({ kind, name, range }) =>
        kind !== 'peer' && !workspaceNames.has(name) && !/^(?:link|portal|workspace):/.test(range),
    )
    .filter(({ name, range }) => !descriptors.has(`${name}@${range}`) && !descriptors.has(`${name}@${range.trim()}`))
    .map(({ name, range, line }) => ({
      message: `“${name}@${range}” is required but not locked`,
      ...defined({ line }),
    }));
}

/** Compares with a lock file that records only versions: at least one version of each package must be in range. */
function compareVersions(
  stack: Stack,
  requirements: readonly ManifestRequirement[],
  { entries }: Lock,
): LockDifference[] {
  const toKey = stack.id === 'python' ? normalizePackageName : (name: string): string => name;
  const versionsByName = new Map<string, string[]>();
  for (const { name, version, path } of entries) {
    // A package nested in another package is not visible to this project.
    if (path && path.split('node_modules/').length > 2) continue;
    const versions = versionsByName.get(toKey(name));
    if (versions) versions.push(version);
    else versionsByName.set(toKey(name), [version]);
  }
  return requirements.flatMap(({ name, range, line, kind }) => {
    const versions = versionsByName.get(toKey(name));
    // Python lock files may omit extras and dependency groups on purpose.
    if (!versions)
      return stack.id === 'python' && kind !== 'required'
        ? []
        : [{ message: `“${name}” is required but not locked`, ...defined({ line }) }];
    if (versions.some((version) => isInRange(stack.id, version, range) !== false)) return [];
    const message = `“${name}” is required as ${range} but locked as ${versions.join(', ')}`;
    return [{ message, ...defined({ line }) }];
  });
}

/** Compares with go.sum, which must have a hash of every required go.mod file. */
async function compareGoSums(
  repository: Repository,
  requirements: readonly ManifestRequirement[],
  { file }: Lock,
): Promise<LockDifference[]> {
  const sums = new Set(
    ((await repository.text(file)) ?? '').split('\n').map((line) => line.split(/\s+/).slice(0, 2).join(' ')),
  );
  return requirements
    .filter(({ name, range }) => !sums.has(`${name} ${range}/go.mod`) && !sums.has(`${name} ${range}`))
    .map(({ name, range, line }) => ({
      message: `“${name} ${range}” is required but has no hash`,
      ...defined({ line }),
    }));
}
