/** Reads in which places a project accepts secrets, from the configurations and baselines of other scanners. */
import ignore from 'ignore';
import { field, texts } from '../../../repository/manifest-formats.ts';
import type { Repository } from '../../../repository/repository.ts';

/** Returns the name of the file that accepts a place, or undefined. */
export type AcceptedPlaces = (file: string, line: number) => string | undefined;

type PlaceTest = (file: string, line: number) => boolean;

/** A configuration file. Each row adds the format of one scanner. */
interface AllowList {
  readonly names: readonly string[];
  read(repository: Repository, name: string): Promise<PlaceTest | undefined>;
}

const allowLists: readonly AllowList[] = [
  { names: ['.gitleaks.toml', 'gitleaks.toml', '.github/gitleaks.toml'], read: readGitleaksConfig },
  { names: ['.gitleaksignore'], read: readGitleaksIgnore },
  { names: ['.secretlintignore'], read: readSecretlintIgnore },
  { names: ['.secrets.baseline', '.github/.secrets.baseline'], read: readDetectSecretsBaseline },
  { names: ['.gitguardian.yaml', '.gitguardian.yml'], read: readGitGuardianConfig },
  { names: ['.talismanrc'], read: readTalismanConfig },
];

/** Reads all lists of a repository. */
export async function readAllowLists(repository: Repository): Promise<AcceptedPlaces> {
  const files = new Set(await repository.files());
  const tests: { readonly name: string; readonly accepts: PlaceTest }[] = [];
  for (const { names, read } of allowLists) {
    for (const name of names.filter((path) => files.has(path))) {
      const accepts = await read(repository, name);
      if (accepts) tests.push({ name, accepts });
    }
  }
  return (file, line) => tests.find(({ accepts }) => accepts(file, line))?.name;
}

/** The global allowlist of Gitleaks has regular expressions for paths. Those of single rules are left out. */
async function readGitleaksConfig(repository: Repository, name: string): Promise<PlaceTest | undefined> {
  const content = await repository.toml(name);
  const lists = [field(content, 'allowlist'), field(content, 'allowlists')].flat();
  const patterns = lists.flatMap((list) => texts(field(list, 'paths'))).flatMap((source) => toExpression(source) ?? []);
  return patterns.length === 0 ? undefined : (file) => patterns.some((pattern) => pattern.test(file));
}

/** Converts a regular expression of Go. Returns undefined if it has syntax that JavaScript does not support. */
function toExpression(source: string): RegExp | undefined {
  const isCaseInsensitive = /^\(\?i\)/.test(source);
  try {
    return new RegExp(source.replace(/^\(\?[ims]+\)/, ''), isCaseInsensitive ? 'i' : '');
  } catch {
    return undefined;
  }
}

/** Each line is a fingerprint: `path:rule:line`, or `commit:path:rule:line` for a place in the history. */
async function readGitleaksIgnore(repository: Repository, name: string): Promise<PlaceTest> {
  const places = new Set<string>();
  for (const line of ((await repository.text(name)) ?? '').split('\n')) {
    const [, file, number] = /^(?:[0-9a-f]{40}:)?([^#:\s][^:]*):[^:]+:(\d+)\s*$/.exec(line) ?? [];
    if (file !== undefined) places.add(`${file}:${number}`);
  }
  return (file, line) => places.has(`${file}:${line}`);
}

async function readSecretlintIgnore(repository: Repository, name: string): Promise<PlaceTest> {
  const matcher = ignore().add((await repository.text(name)) ?? '');
  return (file) => matcher.ignores(file);
}

/** The baseline of detect-secrets lists known places. A place that was audited as a real secret is not accepted. */
async function readDetectSecretsBaseline(repository: Repository, name: string): Promise<PlaceTest> {
  const places = new Set<string>();
  for (const [file, entries] of Object.entries(field(await repository.json(name), 'results') ?? {})) {
    for (const entry of Array.isArray(entries) ? entries : []) {
      if (field(entry, 'is_secret') !== true) places.add(`${file}:${field(entry, 'line_number')}`);
    }
  }
  return (file, line) => places.has(`${file}:${line}`);
}

/** Supports both versions of the format, whose keys differ. */
async function readGitGuardianConfig(repository: Repository, name: string): Promise<PlaceTest | undefined> {
  const content = await repository.yaml(name);
  const secret = field(content, 'secret');
  const lists = [field(content, 'paths-ignore'), field(secret, 'ignored_paths'), field(secret, 'ignored-paths')];
  const paths = lists.flatMap(texts);
  if (paths.length === 0) return undefined;
  const matcher = ignore().add(paths);
  return (file) => matcher.ignores(file);
}

async function readTalismanConfig(repository: Repository, name: string): Promise<PlaceTest> {
  const entries = [field(await repository.yaml(name), 'fileignoreconfig')].flat();
  const files = entries.map((entry) => field(entry, 'filename')).filter((file) => typeof file === 'string');
  const matcher = ignore().add(files);
  return (file) => matcher.ignores(file);
}
