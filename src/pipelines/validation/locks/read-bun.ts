/** bun.lock, the one in text; bun.lockb is binary and is not read. */
import { parse } from 'jsonc-parser';
import { type Content, type Entry, originOf } from './lock.ts';

type Groups = Readonly<Record<string, Readonly<Record<string, string>> | undefined>>;

interface File {
  readonly lockfileVersion?: number;
  readonly workspaces?: Readonly<Record<string, Groups>>;
  /** `[name@version, registry, {…}, integrity]`; of a git origin `[…, {…}, commit]`, of a folder `[…]`. */
  readonly packages?: Readonly<Record<string, readonly unknown[]>>;
}

const groups = ['peerDependencies', 'dependencies', 'devDependencies', 'optionalDependencies'];

export async function readBun(text: string): Promise<Content> {
  const file = parse(text, [], { allowTrailingComma: true }) as File | undefined;
  if (!file?.packages) throw new Error('it has no packages');
  const lines = new Map<string, number>();
  for (const [at, line] of text.split('\n').entries()) {
    const key = /^ {4}"([^"]+)": \[/.exec(line)?.[1];
    if (key !== undefined) lines.set(key, at + 1);
  }
  const wishes = Object.entries(file.workspaces ?? {}).map(
    ([folder, one]) => [folder, new Map(groups.flatMap((group) => Object.entries(one[group] ?? {})))] as const,
  );
  return {
    version: String(file.lockfileVersion ?? ''),
    entries: Object.entries(file.packages).map(([key, parts]) => entryOf(parts, lines.get(key) ?? 1)),
    wishes: new Map(wishes),
  };
}

function entryOf(parts: readonly unknown[], line: number): Entry {
  const [id, second] = parts.map((part) => (typeof part === 'string' ? part : ''));
  const at = id?.indexOf('@', 1) ?? -1;
  const [name, version] = [id?.slice(0, at) ?? '', id?.slice(at + 1) ?? ''];
  const last = parts.at(-1);
  const found = version.startsWith('workspace:') ? { origin: 'workspace' as const } : originOf(version);
  const hash = typeof last === 'string' && parts.length > 2 ? last : undefined;
  return {
    name,
    version,
    origin: found.origin,
    line,
    ...(second ? { resolved: second } : found.origin !== 'registry' && { resolved: version }),
    ...(hash && { integrity: hash }),
  };
}
