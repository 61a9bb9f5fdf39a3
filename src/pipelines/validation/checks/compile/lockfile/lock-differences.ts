/** How a manifest and its lock differ: one comparison for each way in which locks tell what was asked for. */
import { posix } from 'node:path';
import type { Lock, Wishes } from '../../../locks/lock.ts';
import { field } from '../../../repository/manifest-formats.ts';
import type { Repository, Stack } from '../../../repository/repository.ts';
import { normal } from '../imports/declared-packages.ts';
import { type Wish, wishesOf } from './manifest-requirements.ts';
import { fits } from './version-ranges.ts';

export interface Difference {
  readonly message: string;
  readonly line?: number;
}

/** Nothing where this lock cannot tell of this manifest. */
export async function differencesOf(
  repository: Repository,
  stack: Stack,
  lock: Lock,
): Promise<readonly Difference[] | undefined> {
  const wishes = await wishesOf(repository, stack);
  if (lock.manager === 'go') return goDifferences(repository, wishes, lock);
  if (stack.id !== 'node') return versionDifferences(stack, wishes, lock);
  const changed = await overridden(repository, stack, lock);
  const plain = wishes.filter(({ name }) => !changed.has(name));
  if (lock.manager === 'yarn' && !lock.wishes?.size) return askedDifferences(repository, plain, lock);
  const said = lock.wishes?.get(posix.relative(lock.folder, stack.folder));
  if (lock.wishes?.size) return wishDifferences(plain, said, lock, changed);
  return versionDifferences(
    stack,
    plain.filter(({ kind }) => kind !== 'peer'),
    lock,
  );
}

/** Names whose wishes a setting at the root changes: the lock then tells the changed one. */
async function overridden(repository: Repository, { folder }: Stack, lock: Lock): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  for (const place of new Set([lock.folder, folder])) {
    const content = await repository.json(posix.join(place, 'package.json'));
    const pnpm = await repository.yaml(posix.join(place, 'pnpm-workspace.yaml'));
    for (const table of [
      field(content, 'resolutions'),
      field(field(content, 'pnpm'), 'overrides'),
      field(pnpm, 'overrides'),
    ]) {
      // `parent>name`, `**/name`, `name@range`
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

/** Locks that repeat the manifest's own words. */
function wishDifferences(
  wishes: readonly Wish[],
  said: Wishes | undefined,
  lock: Lock,
  changed: ReadonlySet<string>,
): Difference[] {
  // npm and bun write down wishes of peers too; others install them, or leave them out.
  const repeatsPeers = lock.manager === 'npm' || lock.manager === 'bun';
  const asked = new Map<string, Wish>();
  for (const kind of ['peer', 'needed', 'dev', 'optional'] as const) {
    for (const wish of wishes) if (wish.kind === kind && (kind !== 'peer' || repeatsPeers)) asked.set(wish.name, wish);
  }
  if (!said) {
    const [first] = asked.values();
    return first ? [{ message: 'The lock does not know this project' }] : [];
  }
  const peers = new Set(wishes.filter(({ kind }) => kind === 'peer').map(({ name }) => name));
  const differences: Difference[] = [];
  for (const { name, range, line } of asked.values()) {
    const locked = said.get(name);
    const at = line ? { line } : {};
    if (locked === undefined) differences.push({ message: `“${name}” is asked for and not locked`, ...at });
    else if (!isSame(range, locked, lock)) {
      differences.push({ message: `“${name}” is asked for as ${range} and locked for ${locked}`, ...at });
    }
  }
  for (const name of said.keys()) {
    if (!asked.has(name) && !peers.has(name) && !changed.has(name))
      differences.push({ message: `“${name}” is locked and no longer asked for` });
  }
  return differences;
}

/** Yarn writes `npm:` before a range, and addresses in another form. */
function isSame(range: string, locked: string, { manager }: Lock): boolean {
  if (range === locked || range.trim() === locked) return true;
  if (manager !== 'yarn' && manager !== 'bun') return false;
  const [a, b] = [range, locked].map((text) => text.trim().replace(/^npm:/, '')) as [string, string];
  return a === b || /[:/#]/.test(a);
}

/** Yarn 1 keeps every wish that an entry answers as `name@range`. */
async function askedDifferences(
  repository: Repository,
  wishes: readonly Wish[],
  { entries }: Lock,
): Promise<Difference[]> {
  const asked = new Set(entries.flatMap((entry) => entry.asked ?? []));
  const stacks = (await repository.stacks()).filter(({ id }) => id === 'node');
  const own = new Set(
    await Promise.all(stacks.map(async ({ manifest }) => field(await repository.json(manifest), 'name'))),
  );
  return wishes
    .filter(({ kind, name, range }) => kind !== 'peer' && !own.has(name) && !/^(?:link|portal|workspace):/.test(range))
    .filter(({ name, range }) => !asked.has(`${name}@${range}`) && !asked.has(`${name}@${range.trim()}`))
    .map(({ name, range, line }) => ({
      message: `“${name}@${range}” is asked for and not locked`,
      ...(line ? { line } : {}),
    }));
}

/** Locks that only tell versions: of each name that is asked for, one has to fit. */
function versionDifferences(stack: Stack, wishes: readonly Wish[], { entries }: Lock): Difference[] {
  const same = stack.id === 'python' ? normal : (name: string): string => name;
  const versions = new Map<string, string[]>();
  for (const { name, version, path } of entries) {
    // What is nested in another package is not what this project gets.
    if (path && path.split('node_modules/').length > 2) continue;
    const known = versions.get(same(name));
    if (known) known.push(version);
    else versions.set(same(name), [version]);
  }
  return wishes.flatMap(({ name, range, line, kind }) => {
    const locked = versions.get(same(name));
    const at = line ? { line } : {};
    // Extras and other groups may be left out of a lock on purpose.
    if (!locked)
      return stack.id === 'python' && kind !== 'needed'
        ? []
        : [{ message: `“${name}” is asked for and not locked`, ...at }];
    if (locked.some((version) => fits(stack.id, version, range) !== false)) return [];
    return [{ message: `“${name}” is asked for as ${range} and locked as ${locked.join(', ')}`, ...at }];
  });
}

/** go.sum has the hash of every go.mod that the build reads; one that is missing stops it. */
async function goDifferences(repository: Repository, wishes: readonly Wish[], { file }: Lock): Promise<Difference[]> {
  const sums = new Set(
    ((await repository.text(file)) ?? '').split('\n').map((line) => line.split(/\s+/).slice(0, 2).join(' ')),
  );
  return wishes
    .filter(({ name, range }) => !sums.has(`${name} ${range}/go.mod`) && !sums.has(`${name} ${range}`))
    .map(({ name, range, line }) => ({
      message: `“${name} ${range}” is required and has no hash`,
      ...(line ? { line } : {}),
    }));
}
