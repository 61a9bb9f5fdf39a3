/** Packages that are imported and in no manifest: they are there by chance. */
import { posix } from 'node:path';
import type { Finding } from '../../../../../protocol/validation.ts';
import type { Import } from '../../../../detection/extract/facts.ts';
import { type Config, readConfigs } from '../../../../detection/resolve/module-config.ts';
import { type Check, type Context, fault, pass, skip } from '../../../check/check.ts';
import { counted } from '../../../check/findings.ts';
import type { Repository } from '../../../repository/repository.ts';
import { isBrought, pythonPackages } from './declared-packages.ts';
import { inTurns, Places, type Source, sourcesOf } from './import-sources.ts';
import { isNamed, Manifests, packageOf } from './package-manifests.ts';
import { isPythonModule } from './python-stdlib.ts';

interface Stranger {
  readonly name: string;
  readonly manifest: string;
  readonly file: string;
  readonly line: number;
  readonly isPython: boolean;
}

/** Folders with code that shows how the package is used elsewhere. */
const shown =
  /(?:^|\/)(?:examples?|samples?|demos?|docs?|documentation|website|playgrounds?|benchmarks?|bench|\.[^/]+)\//i;

interface Seen {
  readonly packages: ReadonlySet<string>;
  readonly strangers: readonly Stranger[];
}

async function look({ repository }: Context): Promise<Seen> {
  const files = await repository.files();
  const judges = { script: await scriptJudge(repository, files), python: await pythonJudge(repository, files) };
  const packages = new Set<string>();
  const strangers = new Map<string, Stranger>();
  for await (const source of inTurns(await sourcesOf(repository))) {
    const judge = source.isPython ? judges.python : judges.script;
    for (const one of source.facts.imports) {
      if (one.form === 'optional' || (source.isPython && one.form === 'type')) continue;
      // Tests import what they have written a moment before.
      if (source.isPython && one.form === 'deferred' && repository.isTest(source.file)) continue;
      const found = await judge(source, one);
      if (!found) continue;
      packages.add(found.name);
      const key = `${found.manifest}\0${found.name}`;
      if (found.isStranger && !strangers.has(key)) {
        strangers.set(key, { ...found, file: source.file, line: one.line, isPython: source.isPython });
      }
    }
  }
  return { packages, strangers: [...strangers.values()] };
}

/** The package that an import names, where it names one that a manifest is to name too. */
type Judge = (
  source: Source,
  one: Import,
) => Promise<{ name: string; manifest: string; isStranger: boolean } | undefined>;

async function scriptJudge(repository: Repository, files: readonly string[]): Promise<Judge> {
  const manifests = await Manifests.of(repository);
  const places = new Places(repository.root, files);
  const aliases = readConfigs(repository.root, files).filter(({ base, pattern }) => base !== '*' && pattern !== '*');
  const declared = await ambientOf(repository, files);
  const configured = await configuredIn(repository, files);
  return async ({ file }, { from }) => {
    const name = packageOf(from);
    const manifest = name === undefined ? undefined : manifests.manifestOf(file);
    if (name === undefined || manifest === undefined) return undefined;
    const folder = posix.dirname(manifest);
    if (shown.test(file.slice(folder === '.' ? 0 : folder.length + 1))) return undefined;
    if (
      manifests.own.has(name) ||
      declared.has(from) ||
      configured(from) ||
      isAlias(from, aliases) ||
      isFolder(places, folder, from)
    )
      return undefined;
    return { name, manifest, isStranger: !isNamed(name, await manifests.named(folder)) };
  };
}

/** Modules that a declaration of the workspace stands for: `declare module 'x'`. */
async function ambientOf(repository: Repository, files: readonly string[]): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const file of files) {
    if (!/\.d\.[cm]?ts$/.test(file)) continue;
    const text = (await repository.text(file)) ?? '';
    for (const [, name] of text.matchAll(/^\s*declare\s+module\s+['"]([^'"]+)['"]/gm)) found.add(name as string);
  }
  return found;
}

/** Bundlers and test runners make names of their own, where they are configured. */
async function configuredIn(repository: Repository, files: readonly string[]): Promise<(spec: string) => boolean> {
  const configs = files.filter((file) =>
    /(?:^|[/.-])(?:config|conf|babelrc)(?:\.[\w-]+)*\.(?:[cm]?[jt]s|json)$|(?:^|\/)(?:webpack|rollup|gulp)[^/]*\.[cm]?[jt]s$/.test(
      file,
    ),
  );
  const text = (await Promise.all(configs.slice(0, mostConfigs).map((file) => repository.text(file)))).join('\n');
  return (spec) =>
    [`'${spec}'`, `"${spec}"`].some(
      (quoted) => text.includes(quoted) && !new RegExp(`(?:from|import|require\\()\\s*${escaped(quoted)}`).test(text),
    );
}

const mostConfigs = 200;
const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

const isAlias = (spec: string, aliases: readonly Config[]): boolean =>
  aliases.some(({ pattern }) => (pattern.endsWith('*') ? spec.startsWith(pattern.slice(0, -1)) : spec === pattern));

/** Bundlers take paths from a folder of sources as names: `components/button`. */
function isFolder(places: Places, folder: string, spec: string): boolean {
  const first = spec.split('/')[0] as string;
  return ['.', 'src', 'app', 'lib', 'source', 'client'].some((base) => {
    const names = places.namesIn(posix.join(folder, base));
    return (
      names.some((name) => name.startsWith(`${first}.`) && /\.[cm]?[jt]sx?$/.test(name)) ||
      places.namesIn(posix.join(folder, base, first)).length > 0
    );
  });
}

async function pythonJudge(repository: Repository, files: readonly string[]): Promise<Judge> {
  const packages = await pythonPackages(repository);
  const manifest = (await repository.stacks()).find(({ id }) => id === 'python')?.manifest;
  const own = new Set<string>();
  for (const file of files) {
    // Also what is compiled: a part in C has the name of its module.
    const parts = file.split('/');
    const last = (parts.pop() ?? '').split('.')[0] as string;
    if (/\.(?:py[iwx]?|pxd|so|pyd|c|cc|cpp|rs)$/.test(file)) for (const part of [...parts, last]) own.add(part);
  }
  return async ({ file }, { from }) => {
    const name = from.split('.')[0] as string;
    if (name === '' || manifest === undefined || shown.test(file)) return undefined;
    if (isPythonModule(name) || own.has(name)) return undefined;
    return { name, manifest, isStranger: !isBrought(name, packages) };
  };
}

const undeclared: Check = {
  id: 'BLD_UNDECLARED',
  category: 'build',
  severity: 'warning',
  from: 'ci',
  title: 'Every package that is imported is in a manifest',
  timeoutMs: 60_000,
  lane: 'cheap',
  run: async (context) => {
    const { packages, strangers } = await look(context);
    if (packages.size === 0)
      return skip('not_applicable', 'No JavaScript, TypeScript or Python file with a manifest imports a package.');
    if (strangers.length === 0) return pass(`All of ${counted(packages.size, 'imported package')} are in a manifest.`);
    const names = [...new Set(strangers.map(({ name }) => name))];
    return fault(
      `${counted(names.length, 'package')} of ${packages.size} imported ones are in no manifest: ${names.slice(0, 5).join(', ')}${names.length > 5 ? ', …' : ''}.`,
      {
        findings: strangers.map(
          ({ name, file, line, manifest }): Finding => ({
            file,
            line,
            message: `“${name}” is imported and not in ${manifest}.`,
          }),
        ),
        remediation: [remedy(names, strangers)],
      },
    );
  },
};

function remedy(names: readonly string[], strangers: readonly Stranger[]) {
  const plain = strangers.every(({ isPython, manifest }) => !isPython && manifest === 'package.json');
  return {
    priority: 'medium',
    title: 'Declare the packages',
    steps: ['Add each to the manifest: today it is installed only since another package needs it.'],
    ...(plain ? { command: ['npm', 'install', ...names] } : {}),
  } as const;
}

export const undeclaredChecks: readonly Check[] = [undeclared];
