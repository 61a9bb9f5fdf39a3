/** package-lock.json and npm-shrinkwrap.json, all three versions. */
import { type Content, type Entry, originOf, type Wishes } from './lock.ts';

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

interface File {
  readonly lockfileVersion?: number;
  readonly packages?: Record<string, Package>;
  readonly dependencies?: Record<string, Package>;
}

export async function readNpm(text: string): Promise<Content> {
  const file = JSON.parse(text) as File;
  const lines = keyLines(text);
  const version = { version: String(file.lockfileVersion ?? 1) };
  if (!file.packages) return { ...version, entries: nested(file.dependencies ?? {}, 'node_modules/', lines) };
  const packages = Object.entries(file.packages);
  const entries = packages
    .filter(([path]) => path !== '')
    .map(([path, one]) => entryOf(path, one, lines.get(path)?.[0] ?? 1));
  const manifests = packages.filter(([path, one]) => !path.includes('node_modules/') && !one.link);
  return { ...version, entries, wishes: new Map(manifests.map(([path, one]) => [path, wishesOf(one)])) };
}

function entryOf(path: string, one: Package, line: number): Entry {
  const name = one.name ?? path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
  const member = !path.includes('node_modules/');
  const found = one.resolved ? originOf(one.resolved) : undefined;
  const registry = one.version !== undefined && found?.origin === 'url';
  const origin = one.link || member ? 'workspace' : one.inBundle ? 'bundled' : registry ? 'registry' : found?.origin;
  const integrity = one.integrity ?? found?.integrity;
  const license = typeof one.license === 'object' ? one.license?.type : one.license;
  return {
    name: member ? (one.name ?? path) : name,
    version: one.version ?? '',
    origin: origin ?? 'registry',
    line,
    path,
    ...(one.resolved && { resolved: one.resolved }),
    ...(integrity && { integrity }),
    ...(license && { license }),
    ...(one.hasInstallScript && { hasInstallScript: true }),
    ...((one.dev || one.devOptional) && { dev: true }),
    ...((one.optional || one.devOptional) && { optional: true }),
  };
}

/** Version 1 nests packages as they are installed; what is no version is an address. */
function nested(packages: Record<string, Package>, folder: string, lines: Map<string, number[]>): Entry[] {
  return Object.entries(packages).flatMap(([name, one]) => {
    const path = `${folder}${name}`;
    const address = one.resolved ?? (/^[\d]/.test(one.version ?? '') ? undefined : one.version);
    const line = lines.get(name)?.shift() ?? 1;
    const entry = entryOf(path, { ...one, ...(address && { resolved: address }) }, line);
    const bundled: Entry = one.bundled ? { ...entry, origin: 'bundled' } : entry;
    const inner = (one.dependencies ?? {}) as Record<string, Package>;
    return [bundled, ...nested(inner, `${path}/node_modules/`, lines)];
  });
}

function wishesOf(one: Package): Wishes {
  const { dependencies, devDependencies, optionalDependencies, peerDependencies } = one;
  return new Map(
    Object.entries({ ...peerDependencies, ...dependencies, ...devDependencies, ...optionalDependencies } as Record<
      string,
      string
    >),
  );
}

/** Lines at which an object begins under a key. */
function keyLines(text: string): Map<string, number[]> {
  const lines = new Map<string, number[]>();
  let line = 1;
  for (const [whole, key] of text.matchAll(/\n|"([^"\n]+)":\s*\{/g)) {
    if (whole === '\n') line++;
    else if (key !== undefined) lines.set(key, [...(lines.get(key) ?? []), line]);
  }
  return lines;
}
