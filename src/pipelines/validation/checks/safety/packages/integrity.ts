/** SAF_INTEGRITY: locked packages have a hash, use a secure protocol, and come from a known registry. */
import { plural } from '../../../../../protocol/plural.ts';
import type { Finding } from '../../../../../protocol/validation/validation.ts';
import { type Check, type CheckContext, fail, pass, skip } from '../../../check/check.ts';
import type { Lock, LockEntry } from '../../../locks/lock.ts';
import { readLocks } from '../../../locks/locks.ts';
import { listSome, maxFindings, toEvidence } from '../scan/scan-findings.ts';

/** Default registries of the package managers, and common regional mirrors. */
const knownRegistry =
  /^(?:registry\.npmjs\.org|registry\.npmjs\.com|registry\.yarnpkg\.com|npm\.pkg\.github\.com|registry\.npmmirror\.com|registry\.npm\.taobao\.org|cdn\.npmmirror\.com|npm\.jsr\.io|jsr\.io|pypi\.org|files\.pythonhosted\.org|pypi\.python\.org|download(?:-r2)?\.pytorch\.org|index\.crates\.io|static\.crates\.io|crates\.io)$/;
/** Matches the scheme and host of a URL. Cargo adds the prefix `registry+`. */
const urlHost = /^(?:\w+\+)?(https?):\/\/(?:[^@/]*@)?(\[[^\]]*\]|[^/:]+)/;
/** Cargo's default registry. */
const cratesIndex = 'registry+https://github.com/rust-lang/crates.io-index';
const loopbackHost = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;
/** Files in which a registry can be configured. Their whole text is searched for the host. */
const settingsFile =
  /(?:^|\/)(?:\.npmrc|\.yarnrc|\.yarnrc\.yml|bunfig\.toml|package\.json|pyproject\.toml|uv\.toml|Pipfile|poetry\.toml|pip\.conf|requirements[^/]*\.txt)$|(?:^|\/)\.cargo\/config(?:\.toml)?$/;

/** Minimum share of a lock file's packages from one host. Such a host is assumed to be the author's mirror. */
const minMirrorRatio = 0.5;

export const integrity: Check = {
  id: 'SAF_INTEGRITY',
  category: 'safety',
  severity: 'fatal',
  minProfile: 'dev',
  title: 'Locked packages have a hash and come from a known registry',
  timeoutMs: 2000,
  lane: 'cheap',
  async run(context) {
    const locks = await readLocks(context.repository);
    const readable = locks.filter(({ problem }) => problem === undefined);
    const problems = locks.flatMap(({ file, problem }) => (problem ? [`${file}: ${problem.text}`] : []));
    const notes = problems.length > 0 ? ` Could not read: ${listSome(problems)}.` : '';
    if (readable.length === 0) {
      return skip('not_applicable', problems.length > 0 ? `No readable lock file.${notes}` : 'No lock file found.');
    }
    const findings: Finding[] = [];
    for (const lock of readable) {
      const isTrusted = await findTrustedHosts(context, lock);
      for (const entry of lock.entries) {
        const message = findProblem(entry, lock, isTrusted);
        if (message) findings.push({ file: lock.file, line: entry.line, message });
      }
    }
    const total = readable.reduce((sum, { entries }) => sum + entries.length, 0);
    const files = listSome(readable.map(({ file }) => file));
    const where = `${plural(total, 'package')} in ${plural(readable.length, 'lock file')} (${files})`;
    if (findings.length === 0) return pass(`${where}: all have a hash or commit.${notes}`);
    return fail(`${findings.length} of ${where} cannot be verified or come from an unknown source.${notes}`, {
      findings: findings.slice(0, maxFindings),
      evidence: toEvidence(findings.map(({ file, line, message }) => `${file}:${line} ${message}`)),
      remediation: [
        {
          priority: 'critical',
          title: 'Regenerate the lock file with the package manager',
          steps: [
            'Find out how these entries got into the lock file, because package managers always add a hash.',
            'Delete the entries, install again, and commit the lock file.',
            'If you use a custom registry, add it to the package manager settings and commit them.',
          ],
        },
      ],
    });
  },
};

function findProblem(entry: LockEntry, lock: Lock, isTrusted: (host: string) => boolean): string | undefined {
  const { name, version, origin, resolved = '' } = entry;
  const label = version ? `${name} ${version}` : name;
  if (origin === 'workspace' || origin === 'bundled') return undefined;
  // Local folders need no hash. Optional packages of other platforms get one when they are first installed there.
  if (origin === 'file' || (entry.optional && !resolved && !entry.integrity)) return undefined;
  if (origin === 'git') return entry.integrity ? undefined : `${label} comes from Git without a commit.`;
  const host = urlHost.exec(resolved);
  if (host?.[1] === 'http' && !loopbackHost.test(host[2] ?? '')) return `${label} is downloaded over unencrypted HTTP.`;
  if (!isHash(entry.integrity, lock)) return `${label} has no hash.`;
  // A dependency given by its URL was chosen deliberately, so only packages from registries are checked.
  if (host?.[2] && origin === 'registry' && resolved !== cratesIndex && !isTrusted(host[2])) {
    return `${label} comes from ${host[2]}, which is neither a known registry nor configured in the workspace.`;
  }
  return undefined;
}

/** Returns true if the text has at least one hash with enough characters. */
function isHash(text: string | undefined, { stack }: Lock): boolean {
  if (!text) return false;
  const hash = stack === 'go' ? /^h1:[\w+/]{43}=$/ : /[\w+/=-]{27,}/;
  return text.split(/\s+/).some((part) => hash.test(part));
}

/** Trusts known registries, hosts in committed settings, and a mirror that serves at least half of the lock file. */
async function findTrustedHosts({ repository }: CheckContext, lock: Lock): Promise<(host: string) => boolean> {
  const counts = new Map<string, number>();
  for (const { resolved = '', origin } of lock.entries) {
    const host = urlHost.exec(resolved)?.[2];
    if (host && origin === 'registry' && resolved !== cratesIndex) counts.set(host, (counts.get(host) ?? 0) + 1);
  }
  const unknownHosts = [...counts].filter(([host]) => !knownRegistry.test(host) && !loopbackHost.test(host));
  if (unknownHosts.length === 0) return () => true;
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const files = (await repository.files()).filter((file) => settingsFile.test(file));
  const texts = await Promise.all(files.map((file) => repository.text(file)));
  const trusted = unknownHosts.filter(
    ([host, count]) => count / total >= minMirrorRatio || texts.some((text) => text?.includes(host)),
  );
  const trustedHosts = new Set(trusted.map(([host]) => host));
  return (host) => knownRegistry.test(host) || loopbackHost.test(host) || trustedHosts.has(host);
}
