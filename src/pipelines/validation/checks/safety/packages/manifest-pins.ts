/** What is wrong with the wishes of a manifest: those that take whatever is newest, or can change under their name. */
import { posix } from 'node:path';
import type { Finding } from '../../../../../protocol/validation.ts';
import { locksOf } from '../../../locks/locks.ts';
import { goModIn } from '../../../locks/read-go.ts';
import { requirementsIn } from '../../../locks/requirements.ts';
import { isTable } from '../../../locks/toml-blocks.ts';
import type { Repository } from '../../../repository/repository.ts';

/** What one manifest says; how many wishes were looked at, so that nothing found is not nothing seen. */
export interface Looked {
  readonly wishes: number;
  readonly findings: readonly Finding[];
}

type Table = Readonly<Record<string, unknown>>;

const commit = /^[0-9a-f]{40}$|^[0-9a-f]{64}$/;

/** Peers are wishes to others: a library that works with every version says so. */
const groups = ['dependencies', 'devDependencies', 'optionalDependencies'];

/** What is wrong with the range of a package of npm. */
function npmFault(range: string, folder: string): string | undefined {
  if (/^(?:workspace|catalog|patch|portal):/.test(range)) return undefined;
  const path = /^(?:file|link):(.*)$/.exec(range)?.[1] ?? (/^\.{0,2}\//.test(range) ? range : undefined);
  if (path !== undefined) return leaves(folder, path) ? 'stands outside of this workspace' : undefined;
  const alias = /^npm:.+@([^@]*)$/.exec(range)?.[1] ?? range;
  if (/^(?:\*|x|X|latest|next|)$/.test(alias.trim())) return 'takes whatever is newest';
  const git = /^git(?:\+|:|@)|^(?:github|gitlab|bitbucket|gist):|^[\w-]+\/[\w.-]+(?:#|$)|\.git(?:#|$)/.test(alias);
  if (git) return commit.test(/#(.*)$/.exec(alias)?.[1] ?? '') ? undefined : 'comes from git without a commit';
  if (/^http:/.test(alias)) return 'is fetched over http';
  if (/^https:/.test(alias)) return 'comes from an address whose content can change';
  return undefined;
}

/** Whether a path leads out of the workspace. */
const leaves = (folder: string, path: string): boolean =>
  posix.isAbsolute(path) || posix.normalize(posix.join(folder || '.', path)).startsWith('..');

/** Line of the key or of the item of a list that begins with a name; `more` stands in it too. */
function lineOf(text: string, name: string, more = ''): number {
  const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const item = new RegExp(`^\\s*(?:${escaped}\\s*[=.]|["']${escaped}["']\\s*[=:])|["']${escaped}(?![\\w.-])`);
  return (
    Math.max(
      0,
      text.split('\n').findIndex((line) => line.includes(more) && item.test(line)),
    ) + 1
  );
}

async function npm(repository: Repository, file: string, folder: string): Promise<Looked> {
  const manifest = await repository.json(file);
  const text = (await repository.text(file)) ?? '';
  const wishes = groups.flatMap((group) => {
    const wanted = isTable(manifest) ? manifest[group] : undefined;
    return isTable(wanted) ? Object.entries(wanted) : [];
  });
  const findings = wishes.flatMap(([name, range]): Finding[] => {
    const fault = typeof range === 'string' ? npmFault(range, folder) : undefined;
    return fault
      ? [{ file, line: lineOf(text, name, `"${range}"`), message: `${name} (${range || 'empty'}) ${fault}.` }]
      : [];
  });
  return { wishes: wishes.length, findings };
}

async function cargo(repository: Repository, file: string, folder: string): Promise<Looked> {
  const manifest = await repository.toml(file);
  if (!isTable(manifest)) return { wishes: 0, findings: [] };
  const text = (await repository.text(file)) ?? '';
  const places = [manifest, ...tablesIn(manifest['target']), ...tablesIn({ workspace: manifest['workspace'] })];
  const wishes = places.flatMap((place) =>
    ['dependencies', 'dev-dependencies', 'build-dependencies'].flatMap((key) => {
      const wanted = place[key];
      return isTable(wanted) ? Object.entries(wanted) : [];
    }),
  );
  const findings = wishes.flatMap(([name, wish]): Finding[] => {
    const table: Table = isTable(wish) ? wish : { version: wish };
    const fault =
      table['version'] === '*'
        ? 'takes whatever is newest'
        : typeof table['git'] === 'string' && !table['rev'] && !table['tag']
          ? 'comes from git without a commit or tag'
          : typeof table['path'] === 'string' && leaves(folder, table['path'])
            ? 'stands outside of this workspace'
            : undefined;
    return fault ? [{ file, line: lineOf(text, name), message: `${name} ${fault}.` }] : [];
  });
  return { wishes: wishes.length, findings };
}

const tablesIn = (value: unknown): Table[] => (isTable(value) ? Object.values(value).filter(isTable) : []);

async function python(repository: Repository, file: string, folder: string): Promise<Looked> {
  const manifest = await repository.toml(file);
  if (!isTable(manifest)) return { wishes: 0, findings: [] };
  const text = (await repository.text(file)) ?? '';
  const project = isTable(manifest['project']) ? manifest['project'] : {};
  const extra = isTable(project['optional-dependencies']) ? Object.values(project['optional-dependencies']) : [];
  const listed = [project['dependencies'], ...extra].flatMap((one) => (Array.isArray(one) ? one : []));
  const tool = isTable(manifest['tool']) ? manifest['tool'] : {};
  const poetry = isTable(tool['poetry']) ? tool['poetry'] : {};
  const inGroups = tablesIn(poetry['group']).map((group) => group['dependencies']);
  const wanted = [poetry['dependencies'], poetry['dev-dependencies'], ...inGroups].flatMap((one) =>
    isTable(one) ? Object.entries(one) : [],
  );
  const findings = [
    ...listed
      .flatMap((one) => (typeof one === 'string' ? requirementsIn(one) : []))
      .map((one) => [one.name, addressFault(one.address)] as const),
    ...wanted.filter(([name]) => name !== 'python').map(([name, wish]) => [name, poetryFault(wish, folder)] as const),
  ].flatMap(([name, fault]): Finding[] =>
    fault ? [{ file, line: lineOf(text, name), message: `${name} ${fault}.` }] : [],
  );
  return { wishes: listed.length + wanted.length, findings };
}

function addressFault(address: string | undefined): string | undefined {
  if (!address) return undefined;
  if (/^git\+/.test(address))
    return /@[0-9a-f]{40}(?:[#?]|$)/.test(address) ? undefined : 'comes from git without a commit';
  if (/^http:/.test(address)) return 'is fetched over http';
  return /^https:/.test(address) && !/[#&]sha\d+[=:]/.test(address)
    ? 'comes from an address whose content can change'
    : undefined;
}

function poetryFault(wish: unknown, folder: string): string | undefined {
  const table: Table = isTable(wish) ? wish : { version: wish };
  if (table['version'] === '*' || table['version'] === 'latest') return 'takes whatever is newest';
  if (typeof table['git'] === 'string')
    return typeof table['rev'] === 'string' || typeof table['tag'] === 'string'
      ? undefined
      : 'comes from git without a commit or tag';
  if (typeof table['path'] === 'string')
    return leaves(folder, table['path']) ? 'stands outside of this workspace' : undefined;
  return addressFault(typeof table['url'] === 'string' ? table['url'] : undefined);
}

async function go(repository: Repository, file: string, folder: string): Promise<Looked> {
  const { requires, replaces } = goModIn((await repository.text(file)) ?? '');
  const findings = replaces
    .filter(({ version, target }) => version === undefined && leaves(folder, target))
    .map(
      ({ name, target, line }): Finding => ({
        file,
        line,
        message: `${name} is replaced by ${target}, outside of this workspace.`,
      }),
    );
  return { wishes: requires.length + replaces.length, findings };
}

/** Requirements are installed as they are, so each names one version; where a lock stands beside them, that one counts. */
async function requirements(repository: Repository, file: string, folder: string): Promise<Looked> {
  const text = (await repository.text(file)) ?? '';
  const locked = (await locksOf(repository)).some(
    (lock) => lock.stack === 'python' && lock.folder === folder && lock.file !== file,
  );
  const constrained = /^\s*(?:-c|--constraint)\b/m.test(text);
  const all = requirementsIn(text);
  const findings = all.flatMap(({ name, specifier, address, line, hashes }): Finding[] => {
    const fault = address !== undefined && hashes.length === 0 ? addressFault(address) : undefined;
    if (fault) return [{ file, line, message: `${name} ${fault}.` }];
    if (address !== undefined || locked || constrained || /^={2,3}[^*]+$/.test(specifier)) return [];
    const takes = specifier ? `(${specifier}) takes the newest that fits` : 'takes whatever is newest';
    return [{ file, line, message: `${name} ${takes}.` }];
  });
  return { wishes: all.length, findings };
}

export type Look = (repository: Repository, file: string, folder: string) => Promise<Looked>;
export const manifests: readonly (readonly [name: RegExp, look: Look])[] = [
  [/^package\.json$/, npm],
  [/^Cargo\.toml$/, cargo],
  [/^pyproject\.toml$/, python],
  [/^go\.mod$/, go],
  [/^requirements(?:[-_.].*)?\.txt$/, requirements],
];
