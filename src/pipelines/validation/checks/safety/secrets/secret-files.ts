/** SAF_SECRET_FILES: no file that exists to hold secrets is tracked. */
import { type Check, fault, pass, skip } from '../../../check/check.ts';
import { turn } from '../../../locks/lock.ts';
import { isTable } from '../../../locks/toml-blocks.ts';
import type { Repository } from '../../../repository/repository.ts';
import { counted, evidenceOf, mostFindings } from '../scan/scan-findings.ts';

/** What a file of this name holds, and what in it proves that it does; none: the name is proof enough. */
interface Kind {
  readonly name: RegExp;
  readonly title: string;
  readonly holds?: (repository: Repository, file: string) => Promise<boolean>;
}

const textHolds =
  (pattern: RegExp) =>
  async (repository: Repository, file: string): Promise<boolean> =>
    pattern.test((await repository.text(file)) ?? '');

const secretName = /(?:^|_)(?:KEY|SECRET|TOKEN|PASSWORD|PASSWD|PASSPHRASE|PWD|CREDENTIALS?|AUTH|DSN)(?:_|$)/i;
const harmless =
  /^(?:["']?)(?:$|true|false|null|none|<.*>|\$\{.*\}|\$\(.*\)|(?:your|my|the|some)[-_ ].*|.*(?:example|change|replace|placeholder|dummy|sample|secret|password|todo|xxx|\.\.\.|\*\*\*).*|test.*|root|admin|postgres|user|\d{1,6}|[./~].*|https?:\/\/[^@]*)(?:["']?)$/i;

/** A setting whose name says that it is secret, with a value that is none of those that people leave blank. */
async function hasSecretSetting(repository: Repository, file: string): Promise<boolean> {
  const text = (await repository.text(file)) ?? '';
  return [...text.matchAll(/^\s*(?:export\s+)?([\w.-]+)\s*=[ \t]*([^\n#]*)/gm)].some(([, name = '', value = '']) => {
    const bare = value.trim();
    const inAddress =
      /:\/\/[^:@/\s]+:(?!\$)[^@\s]{3,}@(?!localhost|127\.|(?:db|database|postgres|mysql|redis|mongo)(?:[:/]|$))/.test(
        bare,
      );
    return inAddress || (secretName.test(name) && !/PUBLIC|PUBLISHABLE/i.test(name) && !harmless.test(bare));
  });
}

async function hasCredentials(repository: Repository, file: string): Promise<boolean> {
  const keys = /^(?:private_key|client_secret|refresh_token|access_token|secret_?(?:access_?)?key|password|api_?key)$/i;
  const search = (value: unknown): boolean => {
    if (Array.isArray(value)) return value.some(search);
    if (!isTable(value)) return false;
    return Object.entries(value).some(
      ([key, inner]) => (keys.test(key) && typeof inner === 'string' && !harmless.test(inner)) || search(inner),
    );
  };
  return search(await repository.json(file));
}

const kinds: readonly Kind[] = [
  {
    name: /^\.env(?:\.(?!example|sample|template|dist|defaults?|schema|test|ci|tpl|vault)[\w.-]+)?$/,
    title: 'settings with secrets',
    holds: hasSecretSetting,
  },
  { name: /^id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?$/, title: 'a private key of SSH' },
  { name: /\.(?:p12|pfx|jks|keystore|bcfks)$/, title: 'private keys' },
  { name: /\.(?:kdbx?|agilekeychain|opvault)$/, title: 'passwords' },
  { name: /\.ppk$/, title: 'a private key of PuTTY' },
  {
    name: /\.(?:pem|key|p8|pk8|asc|gpg)$/,
    title: 'a private key',
    holds: textHolds(/-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----\s*\S/),
  },
  {
    name: /^(?:credentials|client_secrets?|service[-_]?account[\w.-]*|application_default_credentials|firebase-adminsdk[\w.-]*)\.json$/i,
    title: 'credentials',
    holds: hasCredentials,
  },
  {
    name: /^\.netrc$|^_netrc$/,
    title: 'passwords of hosts',
    holds: textHolds(/^\s*(?:machine\s+\S+\s+)?(?:login\s+\S+\s+)?password\s+(?!\$|<|x{3})\S+/m),
  },
  { name: /^\.pgpass$/, title: 'passwords of databases', holds: textHolds(/^[^#\n:]+:[^:\n]*:[^:\n]*:[^:\n]*:\S+/m) },
  {
    name: /^\.pypirc$/,
    title: 'the password of a package registry',
    holds: textHolds(/^\s*password\s*[:=]\s*(?!\$|<|%)\S+/m),
  },
  {
    name: /^\.npmrc$/,
    title: 'the token of a package registry',
    holds: textHolds(/^[^#;\n]*:_(?:authToken|auth|password)\s*=\s*["']?(?!\$\{|<)\S+/m),
  },
  { name: /^\.htpasswd$/, title: 'hashes of passwords', holds: textHolds(/^[^#:\n]+:\S+/m) },
  {
    name: /^\.dockercfg$|^\.docker\/config\.json$/,
    title: 'passwords of registries',
    holds: textHolds(/"auth"\s*:\s*"[A-Za-z0-9+/=]{8,}"/),
  },
  {
    name: /\.tfstate$/,
    title: 'the state of Terraform with every secret in plain text',
    holds: textHolds(/"(?:secret|password|private_key|token)\w*"\s*:\s*"[^"]+"/i),
  },
];

/** Names between two turns of others. */
const stretch = 500;

export const secretFiles: Check = {
  id: 'SAF_SECRET_FILES',
  category: 'safety',
  severity: 'fatal',
  from: 'dev',
  title: 'No file that exists to hold secrets is tracked',
  timeoutMs: 1000,
  lane: 'cheap',
  async run({ repository }) {
    const files = await repository.files();
    if (files.length === 0) return skip('not_applicable', 'There are no files.');
    const found: { file: string; title: string }[] = [];
    for (const [at, file] of files.entries()) {
      if (at % stretch === stretch - 1) await turn();
      const name = file.slice(file.lastIndexOf('/') + 1);
      const kind = kinds.find((one) => one.name.test(name));
      // Keys of tests open nothing but what the tests set up.
      if (!kind || repository.isTest(file) || repository.isForeign(file)) continue;
      if ((await kind.holds?.(repository, file)) ?? true) found.push({ file, title: kind.title });
    }
    const tracked = repository.git ? 'tracked' : 'here';
    if (found.length === 0) return pass(`None of ${counted(files.length, 'file')} ${tracked} exists to hold secrets.`);
    return fault(`${counted(found.length, 'file')} with secrets ${found.length === 1 ? 'is' : 'are'} ${tracked}.`, {
      findings: found.slice(0, mostFindings).map(({ file, title }) => ({ file, message: `This holds ${title}.` })),
      evidence: evidenceOf(found.map(({ file, title }) => `${file} ${title}`)),
      remediation: [
        {
          priority: 'critical',
          title: 'Take the files out and make what they hold worthless',
          steps: [
            'Replace the keys and passwords in them where they are used.',
            'Add the names to .gitignore, and track an example without values instead.',
          ],
          ...(repository.git && { command: ['git', 'rm', '--cached', ...found.map(({ file }) => file)] }),
        },
      ],
    });
  },
};
