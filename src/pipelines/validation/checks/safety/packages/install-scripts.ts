/** SAF_INSTALL_SCRIPTS: whose scripts run when packages are installed is known and allowed by name. */
import type { Finding } from '../../../../../protocol/validation.ts';
import { type Check, fault, type Outcome, pass, skip } from '../../../check/check.ts';
import type { Entry, Lock } from '../../../locks/lock.ts';
import { locksOf } from '../../../locks/locks.ts';
import { isTable, textIn } from '../../../locks/toml-blocks.ts';
import type { Repository } from '../../../repository/repository.ts';
import { counted, evidenceOf, mostFindings, some } from '../scan/scan-findings.ts';
import { packageOf } from './installed-packages.ts';

type Table = Readonly<Record<string, unknown>>;

/** What a package manager does with scripts of packages, by the settings that are committed. */
interface Policy {
  /** Runs none but those that are allowed by name. */
  readonly closed: boolean;
  readonly allowed: ReadonlySet<string>;
}

const hooks = ['preinstall', 'install', 'postinstall'];

export const installScripts: Check = {
  id: 'SAF_INSTALL_SCRIPTS',
  category: 'safety',
  severity: 'warning',
  from: 'enterprise',
  title: 'No package runs a script at its installation that is not allowed by name',
  timeoutMs: 5000,
  lane: 'cheap',
  async run({ repository }) {
    const locks = (await locksOf(repository)).filter(({ stack, entries }) => stack === 'node' && entries.length > 0);
    if (locks.length === 0)
      return skip('not_applicable', 'There is no lock of npm, pnpm, yarn or bun that names packages.');
    const findings: Finding[] = [];
    const unseen: string[] = [];
    let packages = 0;
    for (const lock of locks) {
      const { closed, allowed } = await policyOf(repository, lock);
      const entries = lock.entries.filter(({ origin }) => origin !== 'workspace');
      const scripts = closed ? [] : await withScripts(repository, lock, entries);
      if (scripts === undefined) unseen.push(lock.file);
      else packages += entries.length;
      for (const { name, version, line } of scripts ?? []) {
        if (allowed.has(name)) continue;
        findings.push({ file: lock.file, line, message: `${name} ${version} runs a script when it is installed.` });
      }
    }
    return said(findings, packages, unseen);
  },
};

function said(findings: readonly Finding[], packages: number, unseen: readonly string[]): Outcome {
  const hidden = unseen.length > 0 ? ` ${some(unseen)} does not tell, and its packages are not installed.` : '';
  if (packages === 0) return skip('not_applicable', `No script can be seen:${hidden}`);
  if (findings.length === 0)
    return pass(`None of ${counted(packages, 'package')} runs a script that is not allowed.${hidden}`);
  return fault(`${counted(findings.length, 'package')} of ${packages} may run a script at installation.${hidden}`, {
    findings: findings.slice(0, mostFindings),
    evidence: evidenceOf(findings.map(({ file, line, message }) => `${file}:${line} ${message}`)),
    remediation: [
      {
        priority: 'medium',
        title: 'Allow by name what must run, and nothing else',
        steps: [
          'Put `ignore-scripts=true` into .npmrc and run what is needed by hand, or use a package manager that asks.',
          'List the packages that must run: pnpm.onlyBuiltDependencies, trustedDependencies (bun), dependenciesMeta.built (yarn), or lavamoat.allowScripts in package.json.',
        ],
      },
    ],
  });
}

async function policyOf(repository: Repository, { folder, manager, version = '' }: Lock): Promise<Policy> {
  const at = (name: string): string => (folder === '' ? name : `${folder}/${name}`);
  const manifest = await repository.json(at('package.json'));
  const table: Table = isTable(manifest) ? manifest : {};
  const pnpm: Table = isTable(table['pnpm']) ? table['pnpm'] : {};
  const file = await repository.yaml(at('pnpm-workspace.yaml'));
  const workspace: Table = isTable(file) ? file : {};
  const names = [table['trustedDependencies'], pnpm['onlyBuiltDependencies'], workspace['onlyBuiltDependencies']];
  const lists = names.flatMap((list) => (Array.isArray(list) ? [list.filter((name) => typeof name === 'string')] : []));
  const lavamoat: Table = isTable(table['lavamoat']) ? table['lavamoat'] : {};
  const maps = [lavamoat['allowScripts'], workspace['allowBuilds'], pnpm['allowBuilds']].filter(isTable);
  const allowed = new Set([
    ...lists.flat(),
    ...maps.flatMap((map) => Object.keys(map).map((key) => key.replace(/^.*>/, '').replace(/@[\d.^~ |]+$/, ''))),
  ]);
  const texts = await Promise.all([
    repository.text(at('.npmrc')),
    repository.text(at('.yarnrc.yml')),
    repository.text(at('.yarnrc')),
  ]);
  const off = /^\s*(?:ignore-scripts\s*=\s*true|enableScripts:\s*false|--?ignore-scripts\s+true)\s*$/m;
  const pnpm10 =
    manager === 'pnpm' &&
    (/^pnpm@1\d\./.test(textIn(table, 'packageManager') ?? '') || (lists.length > 0 && version.startsWith('9')));
  return { closed: texts.some((text) => off.test(text ?? '')) || manager === 'bun' || pnpm10, allowed };
}

/** Nothing where neither the lock nor what is installed tells. */
async function withScripts(
  repository: Repository,
  lock: Lock,
  entries: readonly Entry[],
): Promise<Entry[] | undefined> {
  const tells =
    (lock.manager === 'npm' && lock.version !== '1') || (lock.manager === 'pnpm' && !lock.version?.startsWith('9'));
  if (tells) return entries.filter(({ hasInstallScript }) => hasInstallScript);
  const found: Entry[] = [];
  let installed = 0;
  for (const entry of entries) {
    const manifest = await packageOf(repository, lock, entry);
    if (!manifest) continue;
    installed++;
    const scripts = manifest['scripts'];
    if (isTable(scripts) && hooks.some((hook) => typeof scripts[hook] === 'string')) found.push(entry);
  }
  return installed > 0 ? found : undefined;
}
