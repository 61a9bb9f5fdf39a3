/** Reads bun.lock. The binary bun.lockb is not supported. */
import { parse } from 'jsonc-parser';
import { type LockContent, type LockEntry, originOf } from './lock.ts';

type Groups = Readonly<Record<string, Readonly<Record<string, string>> | undefined>>;

interface BunLock {
  readonly lockfileVersion?: number;
  readonly workspaces?: Readonly<Record<string, Groups>>;
  /** `[name@version, registry, {…}, integrity]`; for a Git origin `[…, {…}, commit]`, for a folder `[…]`. */
  readonly packages?: Readonly<Record<string, readonly unknown[]>>;
}

const groups = ['peerDependencies', 'dependencies', 'devDependencies', 'optionalDependencies'];

export async function readBun(text: string): Promise<LockContent> {
  const file = parse(text, [], { allowTrailingComma: true }) as BunLock | undefined;
  if (!file?.packages) throw new Error('it has no packages');
  const lines = new Map<string, number>();
  for (const [index, line] of text.split('\n').entries()) {
    const key = /^ {4}"([^"]+)": \[/.exec(line)?.[1];
    if (key !== undefined) lines.set(key, index + 1);
  }
  const requirements = Object.entries(file.workspaces ?? {}).map(
    ([folder, manifest]) =>
      [folder, new Map(groups.flatMap((group) => Object.entries(manifest[group] ?? {})))] as const,
  );
  return {
    version: String(file.lockfileVersion ?? ''),
    entries: Object.entries(file.packages).map(([key, parts]) => entryOf(parts, lines.get(key) ?? 1)),
    requirements: new Map(requirements),
  };
}

function entryOf(parts: readonly unknown[], line: number): LockEntry {
  const [id, second] = parts.map((part) => (typeof part === 'string' ? part : ''));
  const separator = id?.indexOf('@', 1) ?? -1;
  const [name, version] = [id?.slice(0, separator) ?? '', id?.slice(separator + 1) ?? ''];
  const last = parts.at(-1);
  const { origin } = version.startsWith('workspace:') ? { origin: 'workspace' as const } : originOf(version);
  const hash = typeof last === 'string' && parts.length > 2 ? last : undefined;
  return {
    name,
    version,
    origin,
    line,
    ...(second ? { resolved: second } : origin !== 'registry' && { resolved: version }),
    ...(hash && { integrity: hash }),
  };
}
