/** SAF_ADVISORIES: locked packages have no known vulnerabilities, according to a local database. Works offline. */
import { existsSync } from 'node:fs';
import { homedir, platform } from 'node:os';
import { join } from 'node:path';
import { parseJson } from '../../../../../protocol/parse-json.ts';
import { plural } from '../../../../../protocol/plural.ts';
import type { Finding } from '../../../../../protocol/validation/validation.ts';
import { type Check, type CheckContext, fail, pass, skip } from '../../../check/check.ts';
import type { Lock } from '../../../locks/lock.ts';
import { readLocks } from '../../../locks/locks.ts';
import { isTable, textIn } from '../../../locks/toml-blocks.ts';
import { listSome, maxFindings, toEvidence } from '../scan/scan-findings.ts';

type Table = Readonly<Record<string, unknown>>;

/** A program that looks up vulnerabilities in a local database. */
interface Auditor {
  readonly program: string;
  /** Name of the database for messages. */
  readonly database: string;
  readonly supports: (lock: Lock) => boolean;
  /** Returns the path where the program stores its database. */
  readonly databasePath: () => string | undefined;
  readonly args: (lock: Lock) => readonly string[];
  /** Returns the findings of a report, or undefined if the output is not a report. */
  readonly parseReport: (report: unknown, lock: Lock) => Finding[] | undefined;
}

const readVariable = (name: string): string | undefined => process.env[name] || undefined;
const cacheFolder = (): string => {
  if (platform() === 'darwin') return join(homedir(), 'Library', 'Caches');
  if (platform() === 'win32') return readVariable('LOCALAPPDATA') ?? join(homedir(), 'AppData', 'Local');
  return readVariable('XDG_CACHE_HOME') ?? join(homedir(), '.cache');
};
const asTables = (value: unknown): Table[] => (Array.isArray(value) ? value.filter(isTable) : []);
const asTable = (value: unknown): Table => (isTable(value) ? value : {});

function toFinding(lock: Lock, name: string, version: string, advisory: string): Finding {
  const line = lock.entries.find(
    (entry) => entry.name === name && entry.version.replace(/^v/, '') === version.replace(/^v/, ''),
  )?.line;
  return { file: lock.file, ...(line && { line }), message: `${name} ${version}: ${advisory}` };
}

const auditors: readonly Auditor[] = [
  {
    program: 'cargo-audit',
    database: 'RustSec database',
    supports: ({ stack }) => stack === 'rust',
    databasePath: () => join(readVariable('CARGO_HOME') ?? join(homedir(), '.cargo'), 'advisory-db'),
    args: ({ file }) => ['audit', '--no-fetch', '--json', '--file', file],
    parseReport: (report, lock) => {
      const vulnerabilities = asTable(report)['vulnerabilities'];
      if (!isTable(vulnerabilities)) return undefined;
      return asTables(vulnerabilities['list']).map((vulnerability) => {
        const [advisory, crate] = [asTable(vulnerability['advisory']), asTable(vulnerability['package'])];
        return toFinding(
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
    database: 'OSV database',
    supports: () => true,
    databasePath: () => join(readVariable('OSV_SCANNER_LOCAL_DB_CACHE_DIRECTORY') ?? cacheFolder(), 'osv-scanner'),
    args: ({ file }) => ['scan', '--offline', '--format', 'json', '--lockfile', file],
    parseReport: (report, lock) => {
      if (!isTable(report) || !('results' in report)) return undefined;
      return asTables(report['results']).flatMap((result) =>
        asTables(result['packages']).flatMap((entry) => {
          const info = asTable(entry['package']);
          return asTables(entry['vulnerabilities']).map((vulnerability) =>
            toFinding(
              lock,
              textIn(info, 'name') ?? '',
              textIn(info, 'version') ?? '',
              `${textIn(vulnerability, 'id')} ${textIn(vulnerability, 'summary') ?? ''}`,
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
  minProfile: 'enterprise',
  title: 'No known vulnerabilities in locked packages (local database)',
  timeoutMs: 8000,
  lane: 'process',
  async run(context) {
    const locks = (await readLocks(context.repository)).filter(({ entries }) => entries.length > 0);
    if (locks.length === 0) return skip('not_applicable', 'No lock file with packages found.');
    const findings: Finding[] = [];
    const audited: string[] = [];
    const problems: string[] = [];
    let packages = 0;
    for (const lock of locks) {
      const result = await audit(context, lock);
      if (!result) continue;
      if ('problem' in result) problems.push(result.problem);
      else {
        audited.push(`${lock.file}, ${result.database}`);
        packages += lock.entries.length;
        findings.push(...result.findings);
      }
    }
    if (audited.length === 0) {
      const reason =
        problems.length > 0
          ? listSome(problems)
          : 'no local vulnerability database found. Install cargo-audit or osv-scanner and download its database';
      return skip('tool_missing', `Could not look up vulnerabilities: ${reason}.`);
    }
    const notes = problems.length > 0 ? ` Could not check: ${listSome(problems)}.` : '';
    const where = `${plural(packages, 'package')} (${listSome(audited)})`;
    if (findings.length === 0) return pass(`No known vulnerabilities in ${where}.${notes}`);
    return fail(`${plural(findings.length, 'known vulnerability', 'known vulnerabilities')} in ${where}.${notes}`, {
      findings: findings.slice(0, maxFindings),
      evidence: toEvidence(findings.map(({ file, message }) => `${file} ${message}`)),
      remediation: [
        {
          priority: 'high',
          title: 'Update the vulnerable packages',
          steps: [
            'Update each package to a version in which the vulnerability is fixed.',
            'If there is none, replace the package or avoid its vulnerable part.',
          ],
        },
      ],
    });
  },
};

/** Runs the first auditor that supports the lock file and has a database. Returns undefined if there is none. */
async function audit(
  { run }: CheckContext,
  lock: Lock,
): Promise<{ findings: Finding[]; database: string } | { problem: string } | undefined> {
  for (const { program, database, supports, databasePath, args, parseReport } of auditors) {
    const path = databasePath();
    if (!supports(lock) || path === undefined || !existsSync(path)) continue;
    const result = await run(program, args(lock), { maxBytes: 8_000_000 });
    if (!result) continue;
    const findings = parseReport(parseJson(result.stdout), lock);
    if (findings) return { findings, database };
    return { problem: `${program} exited with code ${result.code} and printed no report for ${lock.file}` };
  }
  return undefined;
}
