/** Reads package-lock.json and npm-shrinkwrap.json, versions 1 to 3. */
import { type LockContent, type LockEntry, originOf, type Requirements } from './lock.ts';

interface Package {
  readonly name?: string;
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly license?: string | { readonly type?: string };
  readonly link?: boolean;
  readonly inBundle?: boolean;
  readonly bundled?: boolean;
  readonly hasInstallScript?: boolean;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly optional?: boolean;
  readonly dependencies?: Record<string, unknown>;
  readonly devDependencies?: Record<string, string>;
  readonly optionalDependencies?: Record<string, string>;
  readonly peerDependencies?: Record<string, string>;
}

interface NpmLock {
  readonly lockfileVersion?: number;
  readonly packages?: Record<string, Package>;
  readonly dependencies?: Record<string, Package>;
}

export async function readNpm(text: string): Promise<LockContent> {
  const file = JSON.parse(text) as NpmLock;
  const lines = keyLines(text);
  const version = { version: String(file.lockfileVersion ?? 1) };
  if (!file.packages) return { ...version, entries: nestedEntries(file.dependencies ?? {}, 'node_modules/', lines) };
  const packages = Object.entries(file.packages);
  const entries = packages
    .filter(([path]) => path !== '')
    .map(([path, locked]) => entryOf(path, locked, lines.get(path)?.[0] ?? 1));
  const manifests = packages.filter(([path, { link }]) => !path.includes('node_modules/') && !link);
  return {
    ...version,
    entries,
    requirements: new Map(manifests.map(([path, manifest]) => [path, requirementsOf(manifest)])),
  };
}

function entryOf(path: string, locked: Package, line: number): LockEntry {
  const name = locked.name ?? path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
  const isMember = !path.includes('node_modules/');
  const source = locked.resolved ? originOf(locked.resolved) : undefined;
  const isRegistry = locked.version !== undefined && source?.origin === 'url';
  const origin =
    locked.link || isMember ? 'workspace' : locked.inBundle ? 'bundled' : isRegistry ? 'registry' : source?.origin;
  const integrity = locked.integrity ?? source?.integrity;
  const license = typeof locked.license === 'object' ? locked.license?.type : locked.license;
  return {
    name: isMember ? (locked.name ?? path) : name,
    version: locked.version ?? '',
    origin: origin ?? 'registry',
    line,
    path,
    ...(locked.resolved && { resolved: locked.resolved }),
    ...(integrity && { integrity }),
    ...(license && { license }),
    ...(locked.hasInstallScript && { hasInstallScript: true }),
    ...((locked.dev || locked.devOptional) && { dev: true }),
    ...((locked.optional || locked.devOptional) && { optional: true }),
  };
}

/** Flattens the packages of version 1, which are nested as installed. A `version` that is not a number is an address. */
function nestedEntries(packages: Record<string, Package>, folder: string, lines: Map<string, number[]>): LockEntry[] {
  return Object.entries(packages).flatMap(([name, locked]) => {
    const path = `${folder}${name}`;
    const address = locked.resolved ?? (/^[\d]/.test(locked.version ?? '') ? undefined : locked.version);
    const line = lines.get(name)?.shift() ?? 1;
    const entry = entryOf(path, { ...locked, ...(address && { resolved: address }) }, line);
    const bundled: LockEntry = locked.bundled ? { ...entry, origin: 'bundled' } : entry;
    const inner = (locked.dependencies ?? {}) as Record<string, Package>;
    return [bundled, ...nestedEntries(inner, `${path}/node_modules/`, lines)];
  });
}

function requirementsOf(manifest: Package): Requirements {
  const { dependencies, devDependencies, optionalDependencies, peerDependencies } = manifest;
  return new Map(
    Object.entries({ ...peerDependencies, ...dependencies, ...devDependencies, ...optionalDependencies } as Record<
      string,
      string
    >),
  );
}

/** Returns the lines on which each key with an object as its value occurs. */
function keyLines(text: string): Map<string, number[]> {
  const lines = new Map<string, number[]>();
  let line = 1;
  for (const [match, key] of text.matchAll(/\n|"([^"\n]+)":\s*\{/g)) {
    if (match === '\n') line++;
    else if (key !== undefined) lines.set(key, [...(lines.get(key) ?? []), line]);
  }
  return lines;
}
