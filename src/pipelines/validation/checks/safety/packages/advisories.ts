/** SAF_ADVISORIES: no locked package has a known hole, as far as a database on this machine tells; nothing is fetched. */
import { existsSync } from 'node:fs';
import { homedir, platform } from 'node:os';
import { join } from 'node:path';
import type { Finding } from '../../../../../protocol/validation.ts';
import { type Check, type Context, fault, pass, type Ran, skip } from '../../../check/check.ts';
import type { Lock } from '../../../locks/lock.ts';
import { locksOf } from '../../../locks/locks.ts';
import { isTable, textIn } from '../../../locks/toml-blocks.ts';
import { counted, evidenceOf, mostFindings, some } from '../scan/scan-findings.ts';

type Table = Readonly<Record<string, unknown>>;

/** A program that looks into a database that is already here. */
interface Auditor {
  readonly program: string;
  /** What the database is called for people. */
  readonly database: string;
  readonly fits: (lock: Lock) => boolean;
  /** The folder or file of its database, by its own rules. */
  readonly place: () => string | undefined;
  readonly args: (lock: Lock) => readonly string[];
  /** Findings in what it printed; nothing where it says something else than a report. */
  readonly read: (report: unknown, lock: Lock) => Finding[] | undefined;
}

const env = (name: string): string | undefined => process.env[name] || undefined;
const caches = (): string => {
  if (platform() === 'darwin') return join(homedir(), 'Library', 'Caches');
  if (platform() === 'win32') return env('LOCALAPPDATA') ?? join(homedir(), 'AppData', 'Local');
  return env('XDG_CACHE_HOME') ?? join(homedir(), '.cache');
};
const tables = (value: unknown): Table[] => (Array.isArray(value) ? value.filter(isTable) : []);
const table = (value: unknown): Table => (isTable(value) ? value : {});

function finding(lock: Lock, name: string, version: string, advisory: string): Finding {
  const line = lock.entries.find(
    (entry) => entry.name === name && entry.version.replace(/^v/, '') === version.replace(/^v/, ''),
  )?.line;
  return { file: lock.file, ...(line && { line }), message: `${name} ${version}: ${advisory}` };
}

const auditors: readonly Auditor[] = [
  {
    program: 'cargo-audit',
    database: 'the RustSec database',
    fits: ({ stack }) => stack === 'rust',
    place: () => join(env('CARGO_HOME') ?? join(homedir(), '.cargo'), 'advisory-db'),
    args: ({ file }) => ['audit', '--no-fetch', '--json', '--file', file],
    read: (report, lock) => {
      const found = table(report)['vulnerabilities'];
      if (!isTable(found)) return undefined;
      return tables(found['list']).map((one) => {
        const [advisory, crate] = [table(one['advisory']), table(one['package'])];
        return finding(
          lock,
          textIn(crate, 'name') ?? '',
          textIn(crate, 'version') ?? '',
          `${textIn(advisory, 'id')} ${textIn(advisory, 'title') ?? ''}`,
        );
      });
    },
  },
  {
    program: 'osv-scanner',
    database: 'the OSV database',
    fits: () => true,
    place: () => join(env('OSV_SCANNER_LOCAL_DB_CACHE_DIRECTORY') ?? caches(), 'osv-scanner'),
    args: ({ file }) => ['scan', '--offline', '--format', 'json', '--lockfile', file],
    read: (report, lock) => {
      if (!isTable(report) || !('results' in report)) return undefined;
      return tables(report['results']).flatMap((result) =>
        tables(result['packages']).flatMap((one) => {
          const about = table(one['package']);
          return tables(one['vulnerabilities']).map((hole) =>
            finding(
              lock,
              textIn(about, 'name') ?? '',
              textIn(about, 'version') ?? '',
              `${textIn(hole, 'id')} ${textIn(hole, 'summary') ?? ''}`,
            ),
          );
        }),
      );
    },
  },
];

export const advisories: Check = {
  id: 'SAF_ADVISORIES',
  category: 'safety',
  severity: 'warning',
  from: 'enterprise',
  title: 'No locked package has a known hole, by a database on this machine',
  timeoutMs: 8000,
  lane: 'process',
  async run(context) {
    const locks = (await locksOf(context.repository)).filter(({ entries }) => entries.length > 0);
    if (locks.length === 0) return skip('not_applicable', 'There is no lock file that names packages.');
    const findings: Finding[] = [];
    const looked: string[] = [];
    const faults: string[] = [];
    for (const lock of locks) {
      const result = await audit(context, lock);
      if (!result) continue;
      if ('problem' in result) faults.push(result.problem);
      else {
        looked.push(`${lock.file} by ${result.database}`);
        findings.push(...result.findings);
      }
    }
    if (looked.length === 0) {
      const why =
        faults.length > 0
          ? some(faults)
          : 'no database of known holes is on this machine (cargo-audit or osv-scanner with one, used offline)';
      return skip('tool_missing', `Nothing was looked up: ${why}.`);
    }
    const said = faults.length > 0 ? ` Not looked up: ${some(faults)}.` : '';
    if (findings.length === 0) return pass(`No known hole in ${some(looked)}.${said}`);
    return fault(`${counted(findings.length, 'known hole')} in ${some(looked)}.${said}`, {
      findings: findings.slice(0, mostFindings),
      evidence: evidenceOf(findings.map(({ file, message }) => `${file} ${message}`)),
      remediation: [
        {
          priority: 'high',
          title: 'Update what has a known hole',
          steps: [
            'Update each package to a version that the advisory names as mended.',
            'Where there is none, replace it or stay off the part that is broken.',
          ],
        },
      ],
    });
  },
};

/** Nothing where no database for it is here. */
async function audit(
  { run }: Context,
  lock: Lock,
): Promise<{ findings: Finding[]; database: string } | { problem: string } | undefined> {
  for (const { program, database, fits, place, args, read } of auditors) {
    const at = place();
    if (!fits(lock) || at === undefined || !existsSync(at)) continue;
    const ran = await run(program, args(lock), { maxBytes: 8_000_000 });
    if (!ran) continue;
    const found = read(parsed(ran), lock);
    if (found) return { findings: found, database };
    return { problem: `${program} ended with ${ran.code} and no report on ${lock.file}` };
  }
  return undefined;
}

function parsed({ stdout }: Ran): unknown {
  try {
    return JSON.parse(stdout);
  } catch {
    return undefined;
  }
}
