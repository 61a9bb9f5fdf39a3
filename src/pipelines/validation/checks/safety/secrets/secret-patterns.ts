/** Secrets that the rules of secretlint leave out, and what tells a real secret from an example. */

export interface Pattern {
  readonly id: string;
  readonly title: string;
  /** Global; the secret is the group `secret`, or the whole. */
  readonly pattern: RegExp;
  /** What issuers make is a secret wherever it stands; what anyone can write is not judged in tests and papers. */
  readonly issued: boolean;
  readonly accepts?: (secret: string, match: RegExpExecArray) => boolean;
}

/** Names of what must not be known; the value behind is judged by its looks. */
const names =
  '(?:password|passwd|passphrase|pwd|secret|secret[_-]?key|api[_-]?key|apikey|access[_-]?key|auth[_-]?token|access[_-]?token|refresh[_-]?token|bearer[_-]?token|client[_-]?secret|private[_-]?key|encryption[_-]?key|signing[_-]?key)';

export const patterns: readonly Pattern[] = [
  {
    id: 'aws_access_key_id',
    title: 'AWS access key id',
    pattern: /(?<![\w/+])(?<secret>A(?:KIA|SIA)[A-Z2-7]{16})(?![\w/+=])/g,
    issued: true,
  },
  {
    id: 'gcp_api_key',
    title: 'Google API key',
    pattern: /(?<![\w-])(?<secret>AIza[\w-]{35})(?![\w-])/g,
    issued: true,
  },
  {
    id: 'openai_project_key',
    title: 'OpenAI key',
    pattern: /(?<![\w-])(?<secret>sk-(?:proj|svcacct|admin)-[\w-]{32,})/g,
    issued: true,
  },
  {
    id: 'jwt',
    title: 'JSON web token',
    pattern: /(?<![\w-])(?<secret>(?<head>eyJ[\w-]{10,})\.(?<body>eyJ[\w-]{10,})\.[\w-]{20,})(?![\w-])/g,
    issued: false,
    accepts: (_, { groups }) => isToken(groups?.['head'] ?? '', groups?.['body'] ?? ''),
  },
  {
    id: 'private_key',
    title: 'private key',
    pattern:
      /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----(?:\\n|[\s"'+,\\])*(?:[A-Za-z0-9+/=]{32,}(?:\\n|[\s"'+,\\])*){2,}/g,
    issued: false,
    accepts: (secret) => entropy(secret) > 4,
  },
  {
    id: 'password',
    title: 'password or key in the code',
    pattern: new RegExp(
      `${names}["']?\\s*(?::=|=>|[:=])\\s*(["'\`])(?<secret>[^"'\`\\s]{8,128})\\1(?!\\s*[+%.\\[])`,
      'gi',
    ),
    issued: false,
    accepts: (secret) => isRandom(secret),
  },
];

/** What may hold a value without quotes. */
export const settingsName = /(?:^|\/)\.env(?:\.[\w-]+)?$|\.(?:env|properties|ini|cfg|conf|ya?ml|tfvars)$/;
export const setting: Pattern = {
  id: 'password',
  title: 'password or key in a setting',
  pattern: new RegExp(
    `^[ \\t]*(?:export )?(?:[\\w.-]*[_.-])?${names}[ \\t]*[:=][ \\t]*(?<secret>[^"'\`\\s#]{8,128})[ \\t]*(?:#.*)?$`,
    'gim',
  ),
  issued: false,
  accepts: (secret) => isRandom(secret),
};

/** Written down to be read: no value in it opens anything. */
const samples =
  /example|sample|dummy|placeholder|change[-_]?me|your|insert|xxx|\*\*\*|\.\.\.|fake|secret|passw|passwd|test|1234|abcd|qwert|foo|bar|todo|redact|replace|undefined|null|\$\{|\{\{|<[^>]*>|^\$|^%|^@|^\/|^\.|:\/\/|\(|\)|process\.|env\b|default|none|hidden|mock|demo|invalid|correct|wrong/i;

/** No person's word and no name of the code: three kinds of characters well mixed, or long and even. */
function isRandom(value: string): boolean {
  if (samples.test(value)) return false;
  const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9]/].filter((kind) => kind.test(value)).length;
  // Words joined by signs or capitals, such as `reset-password.form` or `sha256WithRsa`.
  if (/^[A-Za-z]+\d{0,3}(?:[-_.:/A-Z][A-Za-z]*\d{0,3})*$/.test(value) && longestWord(value) > 3) return false;
  if (!/\d/.test(value) || !/[A-Za-z]/.test(value)) return false;
  return (kinds >= 3 && entropy(value) >= 2.9) || (value.length >= 24 && entropy(value) >= 3.3);
}

/** Letters of one case in a row. */
const longestWord = (value: string): number =>
  Math.max(0, ...[...value.matchAll(/[A-Z]?[a-z]+|[A-Z]+/g)].map(([word]) => word.length));

/** Bits for each character (Shannon). */
function entropy(text: string): number {
  const counts = new Map<string, number>();
  for (const sign of text) counts.set(sign, (counts.get(sign) ?? 0) + 1);
  return [...counts.values()].reduce((bits, count) => bits - (count / text.length) * Math.log2(count / text.length), 0);
}

/** Of an issuer's form, but made for a paper: it says so, or repeats itself. */
export function isSample(secret: string): boolean {
  return (
    /example|dummy|fake|sample|placeholder|x{6}|0{8}|1234567890|abcdefgh|\.\.\.|\*\*\*/i.test(secret) ||
    entropy(secret) < 2.5
  );
}

/** Both parts are JSON, the first names how it is signed, and it is not the one in every introduction. */
function isToken(head: string, body: string): boolean {
  const [first, second] = [head, body].map((part) => {
    try {
      return JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as unknown;
    } catch {
      return undefined;
    }
  });
  const isTable = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
  return isTable(first) && typeof first['alg'] === 'string' && isTable(second) && second['sub'] !== '1234567890';
}
