/** Finds the versions of a Python tool that a project requires, in every place where projects write them. */
import { posix } from 'node:path';
import { field, texts } from '../../../../repository/manifest-formats.ts';
import type { Repository } from '../../../../repository/repository.ts';

export interface VersionPin {
  readonly file: string;
  /** Specifier such as `==1.17.1` or `>=1.5,<2` (PEP 440). */
  readonly specifier: string;
}

type PinReader = (file: string, name: string, repository: Repository) => Promise<readonly string[]>;

/** Files that require tools, and how to read the specifiers of one tool. */
const pinReaders: readonly (readonly [file: RegExp, read: PinReader])[] = [
  [/^(?:uv|poetry|pdm)\.lock$/, readLock],
  [/^\.pre-commit-config\.ya?ml$/, readPreCommit],
  [/^pyproject\.toml$/, readProject],
  [/^(?:ruff|\.ruff)\.toml$/, readRequiredVersion],
  [/^(?:[^/]*require[^/]*|[^/]*constraints?[^/]*|dev|tests?|lint)\.(?:txt|in)$/, readLines],
  [/^(?:tox\.ini|setup\.cfg|setup\.py|noxfile\.py|Pipfile|Makefile|justfile)$/, readMentions],
];
/** Folders of a project that hold requirement files. */
const requirementFolders = ['', 'requirements', 'ci', 'dev', 'tools', '.github', '.config'];

/** Returns the pins in the files of a folder, and in those of the workspace if the folder is a part of it. */
export async function findPythonPins(
  repository: Repository,
  folder: string,
  name: string,
): Promise<readonly VersionPin[]> {
  const pins: VersionPin[] = [];
  const folders = new Set([folder, ''].flatMap((base) => requirementFolders.map((part) => posix.join(base, part))));
  for (const file of await repository.files()) {
    const parent = posix.dirname(file);
    if (!folders.has(parent)) continue;
    for (const [pattern, read] of pinReaders) {
      if (!pattern.test(posix.basename(file))) continue;
      for (const specifier of await read(file, name, repository)) pins.push({ file, specifier });
    }
  }
  return pins;
}

async function readLock(file: string, name: string, repository: Repository): Promise<string[]> {
  const packages = field(await repository.toml(file), 'package');
  if (!Array.isArray(packages)) return [];
  return packages
    .filter((entry) => field(entry, 'name') === name)
    .flatMap((entry) => {
      const version = field(entry, 'version');
      return typeof version === 'string' ? [`==${version}`] : [];
    });
}

/** Repositories of hooks for pre-commit. Their revisions are the versions of the tools. */
const hookRepositories: Readonly<Record<string, RegExp>> = {
  mypy: /\/mirrors-mypy$/,
  ruff: /\/ruff-pre-commit$/,
  black: /\/(?:black|black-pre-commit-mirror)$/,
  pyright: /\/pyright-python$/,
};

async function readPreCommit(file: string, name: string, repository: Repository): Promise<string[]> {
  const repositories = field(await repository.yaml(file), 'repos');
  if (!Array.isArray(repositories)) return [];
  return repositories.flatMap((entry) => {
    const [url, revision] = [field(entry, 'repo'), field(entry, 'rev')];
    const version = /^v?(\d+(?:\.\d+)+)$/.exec(String(revision))?.[1];
    return hookRepositories[name]?.test(String(url)) && version !== undefined ? [`==${version}`] : [];
  });
}

/** Reads requirements anywhere in pyproject.toml, such as in extras, dependency groups and environments of tools. */
async function readProject(file: string, name: string, repository: Repository): Promise<string[]> {
  const content = await repository.toml(file);
  const ruff = name === 'ruff' ? field(field(field(content, 'tool'), 'ruff'), 'required-version') : undefined;
  return [...(typeof ruff === 'string' ? [withOperator(ruff)] : []), ...requirementsIn(content, name, 0)];
}

const maxDepth = 8;

function requirementsIn(value: unknown, name: string, depth: number): string[] {
  if (depth > maxDepth || typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) {
    return [
      ...texts(value).flatMap((text) => specifiersIn(text, name)),
      ...value.flatMap((item) => requirementsIn(item, name, depth + 1)),
    ];
  }
  return Object.entries(value).flatMap(([key, item]) => {
    // Poetry writes `mypy = "^1.5"` or `mypy = { version = "1.5" }`.
    const version = key === name ? (field(item, 'version') ?? item) : undefined;
    if (typeof version === 'string') return poetrySpecifiers(version);
    return requirementsIn(item, name, depth + 1);
  });
}

/** Converts Poetry's `^1.5` and `~1.5` to their lower limits with an upper one; `*` is no restriction. */
function poetrySpecifiers(version: string): string[] {
  const [, operator = '', number = ''] = /^([\^~]?)(\d+(?:\.\d+)*)$/.exec(version) ?? [];
  if (number === '') return /^[<>=!~]/.test(version) ? [version] : [];
  if (operator === '') return [`==${number}`];
  const [major = '0', minor = '0'] = number.split('.');
  const next = operator === '^' && major !== '0' ? `${Number(major) + 1}` : `${major}.${Number(minor) + 1}`;
  return [`>=${number},<${next}`];
}

async function readRequiredVersion(file: string, name: string, repository: Repository): Promise<string[]> {
  const version = name === 'ruff' ? field(await repository.toml(file), 'required-version') : undefined;
  return typeof version === 'string' ? [withOperator(version)] : [];
}

const withOperator = (version: string): string => (/^\d/.test(version) ? `==${version}` : version);

async function readLines(file: string, name: string, repository: Repository): Promise<string[]> {
  return ((await repository.text(file)) ?? '').split('\n').flatMap((line) => specifiersIn(line.trim(), name));
}

/** Returns the specifier of a requirement such as `mypy[d]>=1.5,<2 ; python_version > "3.8"`. */
function specifiersIn(requirement: string, name: string): string[] {
  const [, requiredName, specifier] =
    /^([\w.-]+)(?:\[[^\]]*\])?\s*\(?((?:[<>=!~]=?=?\s*[\w.*]+\s*,?\s*)+)/.exec(requirement) ?? [];
  return requiredName?.toLowerCase() === name && specifier ? [specifier.replace(/\s+|,\s*$/g, '')] : [];
}

/** Finds exact versions in files of other formats. */
async function readMentions(file: string, name: string, repository: Repository): Promise<string[]> {
  const text = (await repository.text(file)) ?? '';
  return [...text.matchAll(new RegExp(`\\b${name}\\s*==\\s*(\\d+(?:\\.\\d+)+)`, 'g'))].map(
    ([, version]) => `==${version}`,
  );
}
