/** SAF_LICENSES: no locked package has a licence that binds or forbids what this project does. */
import type { Finding } from '../../../../../protocol/validation.ts';
import { type Check, fault, pass, skip } from '../../../check/check.ts';
import { type Entry, type Lock, turn } from '../../../locks/lock.ts';
import { locksOf } from '../../../locks/locks.ts';
import { isTable, textIn } from '../../../locks/toml-blocks.ts';
import type { Repository } from '../../../repository/repository.ts';
import { counted, evidenceOf, mostFindings, some } from '../scan/scan-findings.ts';
import { crateLicense, licenseIn, normal, packageOf, wheelLicenses } from './installed-packages.ts';
import { judge } from './spdx.ts';

/** Packages between two turns of others. */
const stretch = 50;

interface Told {
  readonly lock: Lock;
  readonly entry: Entry;
  readonly license?: string;
}

export const licenses: Check = {
  id: 'SAF_LICENSES',
  category: 'safety',
  severity: 'warning',
  from: 'ci',
  title: 'No locked package has a licence that binds or forbids what this project does',
  timeoutMs: 5000,
  lane: 'cheap',
  async run({ repository }) {
    const locks = (await locksOf(repository)).filter(({ entries }) => entries.length > 0);
    if (locks.length === 0) return skip('not_applicable', 'There is no lock file that names packages.');
    const all: Told[] = [];
    for (const lock of locks) all.push(...(await toldBy(repository, lock)));
    const told = all.filter(({ license }) => license !== undefined);
    if (told.length === 0) {
      const where = some(locks.map(({ file }) => file));
      return skip(
        'not_applicable',
        `Neither ${where} nor anything installed tells a licence of the ${counted(all.length, 'package')}.`,
      );
    }
    const free = await isCopyleft(repository);
    const findings = told.flatMap((one) => faultOf(one, free));
    const unknown = told.filter(({ license = '' }) => judge(license) === 'unknown');
    const silent = all.length - told.length;
    const notes = [
      ...(unknown.length > 0
        ? [
            `${unknown.length} on no list (${some([...new Set(unknown.map(({ license = '' }) => license.slice(0, 40)))])})`,
          ]
        : []),
      ...(silent > 0 ? [`${silent} without a word on it`] : []),
    ];
    const said = notes.length > 0 ? `; ${notes.join(', ')}` : '';
    const evidence = evidenceOf(told.map(({ entry, license }) => `${entry.name} ${entry.version} ${license}`));
    if (findings.length === 0)
      return pass(`No licence of ${counted(told.length, 'package')} binds or forbids${said}.`, { evidence });
    return fault(
      `${counted(findings.length, 'package')} of ${told.length} with a licence that binds or forbids${said}.`,
      {
        findings: findings.slice(0, mostFindings),
        evidence,
        remediation: [
          {
            priority: 'medium',
            title: 'Decide on each of these packages',
            steps: [
              'Read the licence: some packages offer another one, or an exception.',
              'Replace the package, or obtain a licence that fits.',
            ],
          },
        ],
      },
    );
  },
};

async function toldBy(repository: Repository, lock: Lock): Promise<Told[]> {
  const entries = lock.entries.filter(({ origin, path }) => origin !== 'workspace' && path !== '');
  const wheels = lock.stack === 'python' ? await wheelLicenses(repository, lock) : new Map<string, string>();
  const told: Told[] = [];
  for (const [at, entry] of entries.entries()) {
    if (at % stretch === stretch - 1) await turn();
    const license = entry.license ?? (await installedLicense(repository, lock, entry, wheels));
    told.push({ lock, entry, ...(license && { license }) });
  }
  return told;
}

async function installedLicense(
  repository: Repository,
  lock: Lock,
  entry: Entry,
  wheels: Map<string, string>,
): Promise<string | undefined> {
  if (lock.stack === 'node') {
    const manifest = await packageOf(repository, lock, entry);
    return manifest && licenseIn(manifest);
  }
  if (lock.stack === 'rust') return crateLicense(repository, lock, entry);
  return wheels.get(`${normal(entry.name)} ${entry.version}`);
}

/** What is used for development alone is not handed out, so copyleft does not bind there. */
function faultOf({ lock, entry, license = '' }: Told, free: boolean): Finding[] {
  const judged = judge(license);
  const binds = judged === 'copyleft' && !free && !entry.dev;
  // A project of copyleft may use the stricter kind too; what is not free at all it may not.
  const forbids = judged === 'forbidden' && !(free && /^A?GPL/i.test(license));
  if (!binds && !forbids) return [];
  const what = binds ? 'hands its terms on to what it is part of' : 'is not free to use in every way';
  return [
    {
      file: lock.file,
      line: entry.line,
      message: `${entry.name} ${entry.version} is under ${license}, which ${what}.`,
    },
  ];
}

/** This project is under such a licence itself. */
async function isCopyleft(repository: Repository): Promise<boolean> {
  const said: string[] = [];
  for (const { manifest } of await repository.stacks()) {
    const table = manifest.endsWith('.toml') ? await repository.toml(manifest) : await repository.json(manifest);
    if (!isTable(table)) continue;
    const inner = table['package'] ?? table['project'] ?? table;
    const license = isTable(inner) ? inner['license'] : undefined;
    const text = isTable(license) ? textIn(license, 'text') : license;
    if (typeof text === 'string') said.push(text);
  }
  if (said.some((license) => /GPL/i.test(license) && judge(license) !== 'allowed')) return true;
  const papers = (await repository.files()).filter((file) => /^(?:licen[cs]e|copying)(?:[.-][^/]*)?$/i.test(file));
  const texts = await Promise.all(papers.map((file) => repository.text(file)));
  return texts.some((text) => /^\s*GNU (?:AFFERO )?GENERAL PUBLIC LICENSE/.test(text ?? ''));
}
