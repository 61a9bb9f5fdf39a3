/** SAF_SECRET_FILES: no files that typically contain secrets, such as private keys, are in the workspace. */
import { yieldToLoop } from '../../../../../process/yield-to-loop.ts';
import { plural } from '../../../../../protocol/plural.ts';
import { type Check, fail, pass, skip } from '../../../check/check.ts';
import { isTable } from '../../../locks/toml-blocks.ts';
import type { Repository } from '../../../repository/repository.ts';
import { describeAllowed, maxFindings, toEvidence } from '../scan/scan-findings.ts';
import { readAllowLists } from './allow-lists.ts';
import { isDevelopmentKey } from './development-key.ts';
import { findPrivateKeys, hasDevelopmentCertificate, isExampleKey } from './private-keys.ts';
import { isPlaceholder } from './secret-values.ts';

/** A kind of file that contains secrets. */
interface SecretFileKind {
  readonly name: RegExp;
  /** Description of the content. */
  readonly title: string;
  /** Checks the content. If absent, the name is sufficient. */
  readonly containsSecret?: (repository: Repository, file: string) => Promise<boolean>;
}

const textMatches =
  (pattern: RegExp) =>
  async (repository: Repository, file: string): Promise<boolean> =>
    pattern.test((await repository.text(file)) ?? '');

/** Parts of a name that say that the setting describes a secret rather than being it. */
const descriptiveName =
  /(?:_|^)(?:NAME|URL|URI|HEADER|ALG(?:ORITHM)?|TYPE|PREFIX|SUFFIX|LENGTH|SIZE|TTL|EXPIR\w*|ENABLED?|FILE|PATH|ID|USER(?:NAME)?|COUNT|VERSION|REQUIRED|ISSUER|AUDIENCE|SCOPES?|DOMAIN|HOST|PORT|TIMEOUT)$/i;
const secretSettingName = /(?:^|_)(?:KEY|SECRET|TOKEN|PASSWORD|PASSWD|PASSPHRASE|PWD|CREDENTIALS?|AUTH|DSN)(?:_|$)/i;
const placeholderValue =
  /^(?:["']?)(?:$|true|false|null|none|<.*>|\$\{.*\}|\$\(.*\)|(?:your|my|the|some)[-_ ].*|.*(?:change|replace|placeholder|\.\.\.|\*\*\*).*|root|admin|postgres|user|\d{1,6}|[./~].*|https?:\/\/[^@]*)(?:["']?)$/i;
/** Minimum length of a value without a typical mix of characters. */
const minWordLength = 6;

/** Returns true for a value that is neither a placeholder nor the name of something, such as `authAccessToken`. */
const isSecretValue = (value: string): boolean => {
  const text = value.replace(/^(["'])(.*)\1$/, '$2');
  if (placeholderValue.test(text) || isPlaceholder(text) || text.length < minWordLength) return false;
  return /\d/.test(text) || !/^[A-Za-z]+(?:[-_.][A-Za-z]+)*$/.test(text);
};

/** Returns true if a setting with a secret's name has a value other than a placeholder, or a URL has a password. */
async function hasSecretSetting(repository: Repository, file: string): Promise<boolean> {
  const text = (await repository.text(file)) ?? '';
  return [...text.matchAll(/^\s*(?:export\s+)?([\w.-]+)\s*=[ \t]*([^\n#]*)/gm)].some(([, name = '', value = '']) => {
    const trimmed = value.trim();
    const hasUrlPassword =
      /:\/\/[^:@/\s]+:(?!\$)[^@\s]{3,}@(?!localhost|127\.|(?:db|database|postgres|mysql|redis|mongo)(?:[:/]|$))/.test(
        trimmed,
      );
    return (
      hasUrlPassword ||
      (secretSettingName.test(name) &&
        !descriptiveName.test(name) &&
        !/PUBLIC|PUBLISHABLE/i.test(name) &&
        isSecretValue(trimmed))
    );
  });
}

async function hasCredentials(repository: Repository, file: string): Promise<boolean> {
  const keys = /^(?:private_key|client_secret|refresh_token|access_token|secret_?(?:access_?)?key|password|api_?key)$/i;
  const search = (value: unknown): boolean => {
    if (Array.isArray(value)) return value.some(search);
    if (!isTable(value)) return false;
    return Object.entries(value).some(
      ([key, inner]) => (keys.test(key) && typeof inner === 'string' && isSecretValue(inner)) || search(inner),
    );
  };
  return search(await repository.json(file));
}

/** Returns true for a complete key, except one for tests or for local host names. */
async function containsPrivateKey(repository: Repository, file: string): Promise<boolean> {
  const text = (await repository.text(file)) ?? '';
  const keys = findPrivateKeys(text).filter(({ start }) => !isExampleKey(file, text, start));
  return keys.length > 0 && !hasDevelopmentCertificate(text) && !(await isDevelopmentKey(repository, file));
}

const secretFileKinds: readonly SecretFileKind[] = [
  {
    name: /^\.env(?:\.(?!example|sample|template|dist|defaults?|schema|test|ci|tpl|vault)[\w.-]+)?$/,
    title: 'environment variables with secrets',
    containsSecret: hasSecretSetting,
  },
  {
    name: /^id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?$/,
    title: 'an SSH private key',
  },
  { name: /\.(?:p12|pfx|jks|keystore|bcfks)$/, title: 'private keys' },
  { name: /\.(?:kdbx?|agilekeychain|opvault)$/, title: 'passwords' },
  { name: /\.ppk$/, title: 'a PuTTY private key' },
  {
    name: /\.(?:pem|key|p8|pk8|asc|gpg)$/,
    title: 'a private key',
    containsSecret: containsPrivateKey,
  },
  {
    name: /^(?:credentials|client_secrets?|service[-_]?account[\w.-]*|application_default_credentials|firebase-adminsdk[\w.-]*)\.json$/i,
    title: 'credentials',
    containsSecret: hasCredentials,
  },
  {
    name: /^\.netrc$|^_netrc$/,
    title: 'host passwords',
    containsSecret: textMatches(/^\s*(?:machine\s+\S+\s+)?(?:login\s+\S+\s+)?password\s+(?!\$|<|x{3})\S+/m),
  },
  {
    name: /^\.pgpass$/,
    title: 'database passwords',
    containsSecret: textMatches(/^[^#\n:]+:[^:\n]*:[^:\n]*:[^:\n]*:\S+/m),
  },
  {
    name: /^\.pypirc$/,
    title: 'a package registry password',
    containsSecret: textMatches(/^\s*password\s*[:=]\s*(?!\$|<|%)\S+/m),
  },
  {
    name: /^\.npmrc$/,
    title: 'a package registry token',
    containsSecret: textMatches(/^[^#;\n]*:_(?:authToken|auth|password)\s*=\s*["']?(?!\$\{|<)\S+/m),
  },
  { name: /^\.htpasswd$/, title: 'password hashes', containsSecret: textMatches(/^[^#:\n]+:\S+/m) },
  {
    name: /^\.dockercfg$|^\.docker\/config\.json$/,
    title: 'container registry passwords',
    containsSecret: textMatches(/"auth"\s*:\s*"[A-Za-z0-9+/=]{8,}"/),
  },
  {
    name: /\.tfstate$/,
    title: 'a Terraform state with secrets in plain text',
    containsSecret: textMatches(/"(?:secret|password|private_key|token)\w*"\s*:\s*"[^"]+"/i),
  },
];

const filesPerYield = 500;

export const secretFiles: Check = {
  id: 'SAF_SECRET_FILES',
  category: 'safety',
  severity: 'fatal',
  minProfile: 'dev',
  title: 'No files with secrets are tracked, such as private keys',
  timeoutMs: 1000,
  lane: 'cheap',
  async run({ repository }) {
    const files = await repository.files();
    if (files.length === 0) return skip('not_applicable', 'The workspace has no files.');
    const acceptedBy = await readAllowLists(repository);
    const secretPaths: { file: string; title: string }[] = [];
    const allowed: { readonly match: { readonly allowedBy: string } }[] = [];
    for (const [index, file] of files.entries()) {
      if (index % filesPerYield === filesPerYield - 1) await yieldToLoop();
      const name = file.slice(file.lastIndexOf('/') + 1);
      const kind = secretFileKinds.find((candidate) => candidate.name.test(name));
      // Keys in tests only give access to what the tests set up.
      if (!kind || repository.isTest(file) || repository.isForeign(file)) continue;
      if ((await kind.containsSecret?.(repository, file)) === false) continue;
      const list = acceptedBy(file, 1);
      if (list === undefined) secretPaths.push({ file, title: kind.title });
      else allowed.push({ match: { allowedBy: list } });
    }
    const where = repository.git ? 'not ignored by Git' : 'in the workspace';
    const note = describeAllowed(allowed);
    if (secretPaths.length === 0) {
      return pass(`No files with secrets among ${plural(files.length, 'file')} ${where}.${note}`);
    }
    const inGit = await repository.trackedFiles();
    const removable = repository.git ? secretPaths.map(({ file }) => file).filter((file) => inGit.has(file)) : [];
    return fail(`${plural(secretPaths.length, 'file')} with secrets ${where}.${note}`, {
      findings: secretPaths.slice(0, maxFindings).map(({ file, title }) => ({ file, message: `Contains ${title}.` })),
      evidence: toEvidence(secretPaths.map(({ file, title }) => `${file} ${title}`)),
      remediation: [
        {
          priority: 'critical',
          title: 'Remove the files and revoke their secrets',
          steps: [
            'Replace the keys and passwords wherever they are used.',
            'Add the files to .gitignore, and track an example without values instead.',
          ],
          ...(removable.length > 0 && { command: ['git', 'rm', '--cached', '--', ...removable] }),
        },
      ],
    });
  },
};
