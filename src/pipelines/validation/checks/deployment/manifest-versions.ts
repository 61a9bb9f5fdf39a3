/** Reads the version that a project announces, from the manifest of its ecosystem. */
import { posix } from 'node:path';
import { field } from '../../repository/manifest-formats.ts';
import type { Repository } from '../../repository/repository.ts';
import { findManifests } from './building/find-manifests.ts';

export interface VersionedProject {
  /** Relative to the workspace; empty for the workspace itself. */
  readonly folder: string;
  readonly manifest: string;
}

interface VersionReader {
  /** Matches the base name of a manifest. */
  readonly name: RegExp;
  read(repository: Repository, manifest: string): Promise<unknown>;
}

/** Returns a reader of the first group of a pattern. */
const byPattern =
  (pattern: RegExp): VersionReader['read'] =>
  async (repository, manifest) =>
    pattern.exec((await repository.text(manifest)) ?? '')?.[1];

/** Parts of a pom.xml that contain versions of something else. */
const otherParts =
  /<(parent|dependencies|dependencyManagement|build|profiles|properties|reporting|repositories|pluginRepositories)>[\s\S]*?<\/\1>|<!--[\s\S]*?-->/g;

const pythonVersion = /^(?:__version__|VERSION|version)\s*(?::\s*\w+\s*)?=\s*['"]([^'"]+)['"]/im;

async function readPyproject(repository: Repository, manifest: string): Promise<unknown> {
  const content = await repository.toml(manifest);
  const tool = field(content, 'tool');
  const version = field(field(content, 'project'), 'version') ?? field(field(tool, 'poetry'), 'version');
  if (version !== undefined) return version;
  for (const path of versionFiles(tool)) {
    const text = await repository.text(posix.join(posix.dirname(manifest), path));
    if (text !== undefined) return pythonVersion.exec(text)?.[1];
  }
  return undefined;
}

/** Returns the files from which hatch or setuptools reads the version. */
function versionFiles(tool: unknown): string[] {
  const path = field(field(field(tool, 'hatch'), 'version'), 'path');
  const dynamic = field(field(field(tool, 'setuptools'), 'dynamic'), 'version');
  const attribute = field(dynamic, 'attr');
  const module = typeof attribute === 'string' ? attribute.split('.').slice(0, -1).join('/') : '';
  return [
    ...(typeof path === 'string' ? [path] : []),
    ...(module === '' ? [] : ['', 'src/'].flatMap((base) => [`${base}${module}.py`, `${base}${module}/__init__.py`])),
  ];
}

/** Returns the version of a crate, which may inherit it from a workspace around it. */
async function readCrate(repository: Repository, manifest: string): Promise<unknown> {
  const content = await repository.toml(manifest);
  const crate = field(content, 'package');
  if (field(crate, 'publish') === false) return undefined;
  const version = field(crate, 'version');
  if (field(version, 'workspace') !== true) return version;
  const inherited = field(field(field(content, 'workspace'), 'package'), 'version');
  return inherited ?? field(field(field(await repository.toml('Cargo.toml'), 'workspace'), 'package'), 'version');
}

async function readPackage(repository: Repository, manifest: string): Promise<unknown> {
  const content = await repository.json(manifest);
  return field(content, 'private') === true ? undefined : field(content, 'version');
}

/** One row per kind of manifest. A version that a program computes is not read. */
const readers: readonly VersionReader[] = [
  { name: /^(?:package|composer)\.json$/, read: readPackage },
  { name: /^pyproject\.toml$/, read: readPyproject },
  { name: /^setup\.py$/, read: byPattern(/\bversion\s*=\s*['"]([^'"]+)['"]/) },
  { name: /^setup\.cfg$/, read: byPattern(/^version\s*=\s*(\d\S*)\s*$/m) },
  { name: /^Cargo\.toml$/, read: readCrate },
  { name: /^CMakeLists\.txt$/, read: byPattern(/\bproject\s*\([^)]*\bVERSION\s+"?(\d+(?:\.\d+)+)/i) },
  { name: /^meson\.build$/, read: byPattern(/\bproject\s*\([^)]*\bversion\s*:\s*'([^']+)'/) },
  { name: /\.gemspec$/, read: byPattern(/\.version\s*=\s*['"]([^'"]+)['"]/) },
  { name: /^build\.gradle(?:\.kts)?$/, read: byPattern(/^version\s*=?\s*['"]([^'"]+)['"]/m) },
  { name: /\.(?:cs|fs|vb)proj$/, read: byPattern(/<Version(?:Prefix)?>([^<]+)<\/Version/) },
  {
    name: /^pom\.xml$/,
    read: async (repository, manifest) =>
      /<version>\s*([^<\s]+)\s*<\/version>/.exec(
        ((await repository.text(manifest)) ?? '').replace(otherParts, ''),
      )?.[1],
  },
];

const readerOf = (manifest: string): VersionReader | undefined =>
  readers.find(({ name }) => name.test(posix.basename(manifest)));

/** Returns undefined for a version that is not a release, such as a snapshot, or that a tool computes. */
export async function readRelease(repository: Repository, manifest: string): Promise<string | undefined> {
  const version = await readerOf(manifest)?.read(repository, manifest);
  const isRelease = typeof version === 'string' && /^\d+\.\d+(?:\.\d+)*$/.test(version) && !/^0(?:\.0)*$/.test(version);
  return isRelease ? version : undefined;
}

/** Returns the projects with a manifest that may have a version: the stacks, then those of other ecosystems. */
export async function findVersionedProjects(repository: Repository): Promise<readonly VersionedProject[]> {
  const stacks: readonly VersionedProject[] = await repository.stacks();
  const projects = [...stacks];
  for (const { name } of readers) {
    for (const project of await findManifests(repository, name)) {
      // The version of a stack's manifest counts, not that of a build system beside it.
      if (!stacks.some(({ folder }) => folder === project.folder)) projects.push(project);
    }
  }
  return projects;
}
