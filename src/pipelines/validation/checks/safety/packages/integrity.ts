/** SAF_INTEGRITY: what a lock has fetched is proved by a hash, over a safe way, from a registry that is known. */
import type { Finding } from '../../../../../protocol/validation.ts';
import { type Check, type Context, fault, pass, skip } from '../../../check/check.ts';
import type { Entry, Lock } from '../../../locks/lock.ts';
import { locksOf } from '../../../locks/locks.ts';
import { counted, evidenceOf, mostFindings, some } from '../scan/scan-findings.ts';

/** Registries that the package managers know by themselves, and the mirrors that people set up for their region. */
const registries =
  /^(?:registry\.npmjs\.org|registry\.npmjs\.com|registry\.yarnpkg\.com|npm\.pkg\.github\.com|registry\.npmmirror\.com|registry\.npm\.taobao\.org|cdn\.npmmirror\.com|npm\.jsr\.io|jsr\.io|pypi\.org|files\.pythonhosted\.org|pypi\.python\.org|download(?:-r2)?\.pytorch\.org|index\.crates\.io|static\.crates\.io|crates\.io)$/;
/** Scheme and host; Cargo writes `registry+` before. */
const address = /^(?:\w+\+)?(https?):\/\/(?:[^@/]*@)?(\[[^\]]*\]|[^/:]+)/;
/** Cargo's index of its own registry is a repository. */
const cratesIndex = 'registry+https://github.com/rust-lang/crates.io-index';
const local = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;
/** Where the address of a registry may be set; the whole text is searched for the host. */
const settings =
  /(?:^|\/)(?:\.npmrc|\.yarnrc|\.yarnrc\.yml|bunfig\.toml|package\.json|pyproject\.toml|uv\.toml|Pipfile|poetry\.toml|pip\.conf|requirements[^/]*\.txt)$|(?:^|\/)\.cargo\/config(?:\.toml)?$/;

/** From so many of a lock's packages on, a host is the mirror that the lock was written with. */
const mirrorRatio = 0.5;

export const integrity: Check = {
  id: 'SAF_INTEGRITY',
  category: 'safety',
  severity: 'fatal',
  from: 'dev',
  title: 'Every locked package has a hash and comes from a known registry',
  timeoutMs: 2000,
  lane: 'cheap',
  async run(context) {
    const locks = await locksOf(context.repository);
    const read = locks.filter(({ problem }) => problem === undefined);
    const problems = locks
      .filter(({ problem }) => problem !== undefined)
      .map(({ file, problem }) => `${file}: ${problem}`);
    const said = problems.length > 0 ? ` Not read: ${some(problems)}.` : '';
    if (read.length === 0) {
      return skip('not_applicable', problems.length > 0 ? `No lock could be read.${said}` : 'There is no lock file.');
    }
    const findings: Finding[] = [];
    for (const lock of read) {
      const known = await knownHosts(context, lock);
      for (const entry of lock.entries) {
        const message = faultOf(entry, lock, known);
        if (message) findings.push({ file: lock.file, line: entry.line, message });
      }
    }
    const total = read.reduce((sum, { entries }) => sum + entries.length, 0);
    const where = `${counted(read.length, 'lock')} (${some(read.map(({ file }) => file))})`;
    if (findings.length === 0) {
      return pass(`All ${counted(total, 'entry', 'entries')} of ${where} can be proved by hash or commit.${said}`);
    }
    return fault(
      `${findings.length} of ${counted(total, 'entry', 'entries')} of ${where} cannot be proved or come from an unknown place.${said}`,
      {
        findings: findings.slice(0, mostFindings),
        evidence: evidenceOf(findings.map(({ file, line, message }) => `${file}:${line} ${message}`)),
        remediation: [
          {
            priority: 'critical',
            title: 'Let the package manager write the lock again',
            steps: [
              'Look at how these entries came into the lock: a package manager writes a hash by itself.',
              'Delete the entries and install again, then commit the lock.',
              'Name a registry of your own in the settings of the package manager that are committed beside the lock.',
            ],
          },
        ],
      },
    );
  },
};

function faultOf(entry: Entry, lock: Lock, known: (host: string) => boolean): string | undefined {
  const { name, version, origin, resolved = '' } = entry;
  const what = version ? `${name} ${version}` : name;
  if (origin === 'workspace' || origin === 'bundled') return undefined;
  // A folder is looked at by other means; a package for another platform is locked when it is fetched there.
  if (origin === 'file' || (entry.optional && !resolved && !entry.integrity)) return undefined;
  if (origin === 'git') return entry.integrity ? undefined : `${what} comes from git without a commit.`;
  const host = address.exec(resolved);
  if (host?.[1] === 'http' && !local.test(host[2] ?? ''))
    return `${what} is fetched over http, which anyone on the way can change.`;
  if (!isHash(entry.integrity, lock)) return `${what} has no hash.`;
  // What was asked for by its address is known to the one who asked.
  if (host?.[2] && origin === 'registry' && resolved !== cratesIndex && !known(host[2])) {
    return `${what} comes from ${host[2]}, which is no known registry and is named in no setting here.`;
  }
  return undefined;
}

/** Enough characters for any hash; of several one is enough, a broken one is none. */
function isHash(text: string | undefined, { stack }: Lock): boolean {
  if (!text) return false;
  return text.split(/\s+/).some((one) => (stack === 'go' ? /^h1:[\w+/]{43}=$/.test(one) : /[\w+/=-]{27,}/.test(one)));
}

/** Registries known to all, those in committed settings, and the mirror that at least half of a lock comes from. */
async function knownHosts({ repository }: Context, lock: Lock): Promise<(host: string) => boolean> {
  const counts = new Map<string, number>();
  for (const { resolved = '', origin } of lock.entries) {
    const host = address.exec(resolved)?.[2];
    if (host && origin === 'registry' && resolved !== cratesIndex) counts.set(host, (counts.get(host) ?? 0) + 1);
  }
  const strange = [...counts].filter(([host]) => !registries.test(host) && !local.test(host));
  if (strange.length === 0) return () => true;
  const all = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const files = (await repository.files()).filter((file) => settings.test(file));
  const texts = await Promise.all(files.map((file) => repository.text(file)));
  const named = strange.filter(
    ([host, count]) => count / all >= mirrorRatio || texts.some((text) => text?.includes(host)),
  );
  const own = new Set(named.map(([host]) => host));
  return (host) => registries.test(host) || local.test(host) || own.has(host);
}
