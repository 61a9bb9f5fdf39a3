/** Whether what is installed is what the lock and the manifests ask for. */
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import type { Finding } from '../../../../../protocol/validation.ts';
import { type Check, type Context, fault, pass, skip } from '../../../check/check.ts';
import { counted, findingsOf } from '../../../check/findings.ts';
import type { Lock } from '../../../locks/lock.ts';
import { locksOf } from '../../../locks/locks.ts';
import { foldersAround } from '../../../repository/folders.ts';
import { field } from '../../../repository/manifest-formats.ts';
import type { Stack } from '../../../repository/repository.ts';
import { normal } from '../imports/declared-packages.ts';
import { inTurns } from '../imports/import-sources.ts';
import { ask, firstLine } from '../tools/tool.ts';
import { lockOf } from './lock-fresh.ts';
import { wishesOf } from './manifest-requirements.ts';
import { parsed } from './parse-json.ts';
import { fits } from './version-ranges.ts';

/** What one project has; `why` where nobody can tell. */
interface Found {
  readonly seen: number;
  readonly faults: readonly Finding[];
  readonly why?: string;
  readonly fix?: readonly string[];
}

const nothing = (why: string): Found => ({ seen: 0, faults: [], why });

type Look = (context: Context, stack: Stack, lock: Lock | undefined) => Promise<Found>;

const node: Look = async (context, stack, lock) => {
  const { root } = context.repository;
  const top = lock?.folder ?? stack.folder;
  const fix = stack.folder === '' ? installs[stack.packageManager] : undefined;
  if (existsSync(join(root, top, '.pnp.cjs'))) return nothing('Yarn keeps the packages in its own archive.');
  const wishes = (await wishesOf(context.repository, stack)).filter(({ kind }) => kind === 'needed' || kind === 'dev');
  if (wishes.length === 0) return { seen: 0, faults: [] };
  if (!foldersAround(stack.folder).some((place) => existsSync(join(root, place, 'node_modules')))) {
    return {
      seen: wishes.length,
      faults: [{ file: stack.manifest, message: 'Nothing is installed: there is no node_modules.' }],
      ...(fix ? { fix } : {}),
    };
  }
  const faults: Finding[] = [];
  for (const { name, range, line } of wishes) {
    const version = await installedVersion(root, stack.folder, name);
    const at = { file: stack.manifest, ...(line ? { line } : {}) };
    if (version === undefined) faults.push({ ...at, message: `“${name}” is not installed.` });
    else if (fits('node', version, range) === false)
      faults.push({ ...at, message: `“${name}” is asked for as ${range} and installed as ${version}.` });
  }
  // npm keeps a copy of the lock beside what it has installed.
  const others = stack.folder === top && lock?.manager === 'npm' ? await npmDifferences(root, lock) : undefined;
  return {
    seen: others ? others.seen : wishes.length,
    faults: [...faults, ...(others?.faults ?? [])],
    ...(fix ? { fix } : {}),
  };
};

const installs: Readonly<Record<string, readonly string[]>> = {
  npm: ['npm', 'ci'],
  pnpm: ['pnpm', 'install', '--frozen-lockfile'],
  yarn: ['yarn', 'install', '--immutable'],
  bun: ['bun', 'install', '--frozen-lockfile'],
};

async function installedVersion(root: string, folder: string, name: string): Promise<string | undefined> {
  for (const place of foldersAround(folder)) {
    const text = await readFile(join(root, place, 'node_modules', name, 'package.json'), 'utf8').catch(() => undefined);
    if (text === undefined) continue;
    const version = field(parsed(text), 'version');
    return typeof version === 'string' ? version : '';
  }
  return undefined;
}

async function npmDifferences(
  root: string,
  lock: Lock,
): Promise<{ readonly seen: number; readonly faults: readonly Finding[] } | undefined> {
  const text = await readFile(join(root, lock.folder, 'node_modules/.package-lock.json'), 'utf8').catch(
    () => undefined,
  );
  const packages = text === undefined ? undefined : field(parsed(text), 'packages');
  if (typeof packages !== 'object' || packages === null) return undefined;
  const faults: Finding[] = [];
  let seen = 0;
  for await (const { name, path, version, line, optional, dev, origin } of inTurns(lock.entries, 2000)) {
    if (path === undefined || !path.includes('node_modules/') || origin === 'workspace' || version === '') continue;
    const there = field(field(packages, path), 'version');
    const at = { file: lock.file, line };
    if (there !== undefined) seen++;
    else if (optional || dev) continue;
    else faults.push({ ...at, message: `“${name}” is locked as ${version} and not installed (${path}).` });
    if (there === undefined) continue;
    if (there !== version && !optional)
      faults.push({ ...at, message: `“${name}” is locked as ${version} and installed as ${there} (${path}).` });
  }
  return { seen, faults };
}

const python: Look = async ({ repository }, stack, lock) => {
  const site = await siteOf(repository.root, stack.folder);
  if (!site) return nothing('No virtual environment (.venv or venv) is in the workspace.');
  const versions = new Map<string, string>();
  for (const name of await readdir(site)) {
    const [, plain, version] = /^(.+?)-(\d[^-]*)(?:-py[\d.]+)?\.(?:dist-info|egg-info)$/.exec(name) ?? [];
    if (plain && version) versions.set(normal(plain), version);
  }
  const locked = new Map((lock?.entries ?? []).map((entry) => [normal(entry.name), entry]));
  const faults: Finding[] = [];
  const wishes = (await wishesOf(repository, stack)).filter(({ kind }) => kind === 'needed');
  for (const { name, range, line } of wishes) {
    const version = versions.get(normal(name));
    const at = { file: stack.manifest, ...(line ? { line } : {}) };
    const wanted = locked.get(normal(name))?.version;
    if (version === undefined)
      faults.push({ ...at, message: `“${name}” is not installed in ${posix.relative(repository.root, site)}.` });
    else if (wanted && wanted !== version)
      faults.push({ ...at, message: `“${name}” is locked as ${wanted} and installed as ${version}.` });
    else if (!wanted && fits('python', version, range) === false)
      faults.push({ ...at, message: `“${name}” is asked for as ${range} and installed as ${version}.` });
  }
  const fix = stack.folder === '' ? pythonInstalls[stack.packageManager] : undefined;
  return { seen: wishes.length, faults, ...(fix ? { fix } : {}) };
};

const pythonInstalls: Readonly<Record<string, readonly string[]>> = {
  uv: ['uv', 'sync'],
  poetry: ['poetry', 'install'],
  pdm: ['pdm', 'sync'],
  pipenv: ['pipenv', 'sync'],
};

/** Folder of the packages of a virtual environment. */
async function siteOf(root: string, folder: string): Promise<string | undefined> {
  for (const place of foldersAround(folder)) {
    for (const name of ['.venv', 'venv']) {
      const windows = join(root, place, name, 'Lib/site-packages');
      if (existsSync(windows)) return windows;
      const libraries = join(root, place, name, 'lib');
      for (const version of await readdir(libraries).catch(() => [])) {
        const site = join(libraries, version, 'site-packages');
        if (existsSync(site)) return site;
      }
    }
  }
  return undefined;
}

/** Which crates are needed here is known by cargo alone: those of other platforms may be missing. */
const rust: Look = async (context, stack, lock) => {
  if (!lock || lock.folder !== stack.folder) return { seen: 0, faults: [] };
  const env = { RUSTUP_AUTO_INSTALL: '0' };
  const about = await ask(context, 'rustc', ['-vV'], { cwd: stack.folder, env });
  const host = /^host: (\S+)$/m.exec(about?.stdout ?? '')?.[1];
  if (!host) return nothing('Rust is not installed.');
  const args = ['metadata', '--offline', '--locked', '--format-version', '1', '--filter-platform', host];
  const ran = await ask(context, 'cargo', args, { cwd: stack.folder, env });
  if (!ran) return nothing('cargo is not installed.');
  const crates = lock.entries.filter(({ origin }) => origin !== 'workspace').length;
  if (ran.code === 0) return { seen: crates, faults: [] };
  if (!/--offline|HTTP|download|no matching package|unable to update/i.test(ran.stderr))
    return nothing(`cargo metadata cannot tell: ${firstLine(ran.stderr)}.`);
  return {
    seen: crates,
    faults: [{ file: lock.file, message: 'Crates that it names are not fetched.' }],
    fix: ['cargo', 'fetch'],
  };
};

const go: Look = async (context, stack) => {
  const wishes = await wishesOf(context.repository, stack);
  if (wishes.length === 0) return { seen: 0, faults: [] };
  const env = { GOPROXY: 'off', GOTOOLCHAIN: 'local', GOFLAGS: process.env['GOFLAGS'] ?? '' };
  const ran = await ask(context, 'go', ['list', '-deps', './...'], { cwd: stack.folder, env });
  if (!ran) return nothing('go is not installed.');
  if (ran.code === 0) return { seen: wishes.length, faults: [] };
  if (!/module lookup disabled|cannot find module|GOPROXY=off/.test(ran.stderr))
    return nothing(`go list cannot tell: ${firstLine(ran.stderr)}.`);
  return {
    seen: wishes.length,
    faults: [{ file: stack.manifest, message: 'Modules that it requires are not downloaded.' }],
    fix: ['go', 'mod', 'download'],
  };
};

const looks: Readonly<Record<Stack['id'], Look>> = { node, python, rust, go };

const installed: Check = {
  id: 'BLD_DEPS_INSTALLED',
  category: 'build',
  severity: 'warning',
  from: 'dev',
  title: 'What is installed is what the lock and the manifests ask for',
  timeoutMs: 10_000,
  lane: 'process',
  run: async (context) => {
    const stacks = await context.repository.stacks();
    if (stacks.length === 0) return skip('not_applicable', 'There is no manifest of Node, Python, Rust or Go.');
    const locks = await locksOf(context.repository);
    const found: Found[] = [];
    for (const stack of stacks) found.push(await looks[stack.id](context, stack, lockOf(locks, stack)));
    const faults = found.flatMap((one) => one.faults);
    const seen = found.reduce((sum, one) => sum + one.seen, 0);
    const reasons = [...new Set(found.flatMap(({ why }) => why ?? []))].join(' ');
    if (faults.length > 0) {
      const fix = found.find((one) => one.faults.length > 0 && one.fix)?.fix;
      return fault(
        `What is installed is not what is asked for in ${counted(faults.length, 'place')}: ${faults[0]?.message}`,
        {
          findings: findingsOf(faults, (one) => one),
          remediation: [
            {
              priority: 'high',
              title: 'Install the packages',
              steps: ['Let the package manager install what the lock says.'],
              ...(fix ? { command: fix } : {}),
            },
          ],
        },
      );
    }
    if (seen === 0) return skip('not_applicable', reasons || 'No project asks for a package.');
    return pass(`${counted(seen, 'package')} as asked for.${reasons && ` ${reasons}`}`);
  },
};

export const installationChecks: readonly Check[] = [installed];
