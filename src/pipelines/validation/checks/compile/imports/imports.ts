/** Whether imports of the workspace's own files lead to files. */
import { posix } from 'node:path';
import type { Finding } from '../../../../../protocol/validation.ts';
import type { Import } from '../../../../detection/extract/facts.ts';
import { type Config, readConfigs } from '../../../../detection/resolve/module-config.ts';
import { type Check, type Context, fault, pass, skip } from '../../../check/check.ts';
import { counted } from '../../../check/findings.ts';
import { ignoredOf, inTurns, Places, type Source, sourcesOf } from './import-sources.ts';
import { hasPython, hasScript, pythonPath, relativePath } from './import-targets.ts';

interface Lost {
  readonly source: Source;
  readonly of: Import;
  /** Paths that it may mean, without ending. */
  readonly paths: readonly string[];
}

/** Files in which modules that a build makes are named. */
const buildFiles =
  /(?:^|\/)(?:pyproject\.toml|setup\.(?:py|cfg)|meson\.build|CMakeLists\.txt|Cargo\.toml|Makefile|noxfile\.py|hatch_build\.py)$/;

async function find(context: Context): Promise<{ readonly seen: number; readonly lost: readonly Lost[] }> {
  const { repository } = context;
  const files = await repository.files();
  const places = new Places(repository.root, files);
  const configs = readConfigs(repository.root, files).filter(({ base, pattern }) => base !== '*' && pattern !== '*');
  const packages = ownPackages(files);
  const lost: Lost[] = [];
  let seen = 0;
  for await (const source of inTurns(await sourcesOf(repository))) {
    for (const one of source.facts.imports) {
      const paths = source.isPython ? pythonPaths(source, one, packages) : scriptPaths(source, one, configs);
      if (paths.length === 0 || isUnsure(repository.isTest(source.file), one)) continue;
      seen++;
      const has = source.isPython ? hasPython : hasScript;
      if (!paths.some((path) => has(places, path))) lost.push({ source, of: one, paths });
    }
  }
  return {
    seen,
    lost: await withoutMade(
      context,
      lost.filter((one) => !isInstalled(places, one)),
    ),
  };
}

/** Its absence is provided for; or a test that loads a missing file on purpose. */
function isUnsure(isTest: boolean, { form }: Import): boolean {
  return form === 'optional' || (isTest && form === 'deferred');
}

function scriptPaths(source: Source, one: Import, configs: readonly Config[]): string[] {
  const relative = relativePath(source, one);
  if (relative !== undefined) return [relative];
  const folder = posix.dirname(source.file);
  return configs
    .filter(({ base }) => base === '' || folder === base || folder.startsWith(`${base}/`))
    .flatMap(({ pattern, targets }) => {
      const [before = '', after] = pattern.split('*');
      if (after === undefined) return one.from === pattern ? targets : [];
      if (!one.from.startsWith(before) || !one.from.endsWith(after)) return [];
      const middle = one.from.slice(before.length, one.from.length - after.length);
      return targets.map((target) => posix.normalize(target.replace('*', middle)));
    });
}

/** Packages of the workspace by name, where there is one of that name: others may mean one that is installed. */
function ownPackages(files: readonly string[]): ReadonlyMap<string, string | undefined> {
  const all = new Set(files);
  const found = new Map<string, string | undefined>();
  for (const file of files) {
    if (!file.endsWith('/__init__.py')) continue;
    const folder = posix.dirname(file);
    const outer = posix.dirname(folder);
    if (all.has(posix.join(outer, '__init__.py'))) continue;
    const name = posix.basename(folder);
    found.set(name, found.has(name) ? undefined : folder);
  }
  return found;
}

function pythonPaths(source: Source, { from }: Import, packages: ReadonlyMap<string, string | undefined>): string[] {
  const relative = pythonPath(source.file, from);
  if (relative !== undefined) return [relative];
  const [first = '', ...rest] = from.split('.');
  const folder = rest.length > 0 ? packages.get(first) : undefined;
  return folder === undefined ? [] : [posix.join(folder, ...rest)];
}

/** An alias may have the look of a package that is installed. */
function isInstalled(places: Places, { source, of }: Lost): boolean {
  if (source.isPython || of.from.startsWith('.')) return false;
  const name = of.from
    .split('/')
    .slice(0, of.from.startsWith('@') ? 2 : 1)
    .join('/');
  return places.hasFolder(`node_modules/${name}`);
}

/** Without those that a build makes: git ignores them, or the build's own files name them. */
async function withoutMade(context: Context, lost: readonly Lost[]): Promise<Lost[]> {
  if (lost.length === 0) return [];
  const endings = ['', '.js', '.ts', '.py', '.json', '.d.ts', '/index.js', '/index.ts'];
  const candidates = lost.flatMap(({ paths }) => paths.flatMap((path) => endings.map((end) => path + end)));
  const inside = [...new Set(candidates)].filter((path) => !path.startsWith('..') && path !== '.');
  const ignored = await ignoredOf(context, inside);
  const { repository } = context;
  const texts = await Promise.all(
    (await repository.files()).filter((file) => buildFiles.test(file)).map((file) => repository.text(file)),
  );
  const built = texts.join('\n');
  // A package that changes where its parts are looked for has parts that no path shows.
  const patched = new Set<string>();
  for (const { source, paths } of lost) {
    const folder = posix.dirname(paths[0] ?? '');
    const text = source.isPython ? await repository.text(`${folder}/__init__.py`) : undefined;
    if (text && /\bsys\.modules\b|\b__path__\b|\b__getattr__\b/.test(text)) patched.add(folder);
  }
  return lost.filter(({ source, paths }) => {
    if (paths.some((path) => endings.some((end) => ignored.has(path + end)))) return false;
    if (!source.isPython) return true;
    const name = posix.basename(paths[0] ?? '');
    return !patched.has(posix.dirname(paths[0] ?? '')) && !new RegExp(`\\b${name.replace(/\W/g, '.')}\\b`).test(built);
  });
}

const findingOf = ({ source, of }: Lost): Finding => ({
  file: source.file,
  line: of.line,
  message: `“${of.from}” leads to no file.`,
});

const imports: Check = {
  id: 'BLD_IMPORTS',
  category: 'build',
  severity: 'fatal',
  from: 'ci',
  title: 'Imports of own files lead to files',
  // The first run reads every source: its length is the profile's matter.
  timeoutMs: 60_000,
  lane: 'cheap',
  run: async (context) => {
    const { seen, lost } = await find(context);
    if (seen === 0)
      return skip('not_applicable', 'No JavaScript, TypeScript or Python file imports one of the workspace.');
    if (lost.length === 0) return pass(`${counted(seen, 'import')} of own files lead to files.`);
    return fault(
      `${lost.length} of ${counted(seen, 'import')} of own files lead to none: “${lost[0]?.of.from}” in ${lost[0]?.source.file}.`,
      {
        findings: lost.map(findingOf),
        remediation: [
          {
            priority: 'critical',
            title: 'Mend the imports',
            steps: [
              'Correct each path, or add the file: one that is only on your machine may not be committed.',
              'If a build makes the file, name it in .gitignore.',
            ],
          },
        ],
      },
    );
  },
};

export const importChecks: readonly Check[] = [imports];
