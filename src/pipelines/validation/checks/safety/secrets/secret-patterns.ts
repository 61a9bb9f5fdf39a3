/** Patterns of secrets that secretlint does not find, and heuristics that distinguish real secrets from examples. */

export interface SecretPattern {
  readonly id: string;
  readonly title: string;
  /** Global. The secret is the group `secret`, or the whole match. */
  readonly pattern: RegExp;
  /** True for keys in an issuer's format. Other patterns are ignored in tests and documentation. */
  readonly appliesToExamples: boolean;
  readonly accepts?: (secret: string, match: RegExpExecArray) => boolean;
}

/** Names of secret settings and variables. Whether a value is a secret depends on `looksRandom`. */
const secretNames =
  '(?:password|passwd|passphrase|pwd|secret|secret[_-]?key|api[_-]?key|apikey|access[_-]?key|auth[_-]?token|access[_-]?token|refresh[_-]?token|bearer[_-]?token|client[_-]?secret|private[_-]?key|encryption[_-]?key|signing[_-]?key)';

export const secretPatterns: readonly SecretPattern[] = [
  {
    id: 'aws_access_key_id',
    title: 'AWS access key id',
    pattern: /(?<![\w/+])(?<secret>A(?:KIA|SIA)[A-Z2-7]{16})(?![\w/+=])/g,
    appliesToExamples: true,
  },
  {
    id: 'gcp_api_key',
    title: 'Google API key',
    pattern: /(?<![\w-])(?<secret>AIza[\w-]{35})(?![\w-])/g,
    appliesToExamples: true,
  },
  {
    id: 'openai_project_key',
    title: 'OpenAI key',
    pattern: /(?<![\w-])(?<secret>sk-(?:proj|svcacct|admin)-[\w-]{32,})/g,
    appliesToExamples: true,
  },
  {
    id: 'jwt',
    title: 'JSON Web Token',
    pattern: /(?<![\w-])(?<secret>(?<head>eyJ[\w-]{10,})\.(?<body>eyJ[\w-]{10,})\.[\w-]{20,})(?![\w-])/g,
    appliesToExamples: false,
    accepts: (_, { groups }) => isJwt(groups?.['head'] ?? '', groups?.['body'] ?? ''),
  },
  {
    id: 'private_key',
    title: 'private key',
    pattern:
      /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----(?:\\n|[\s"'+,\\])*(?:[A-Za-z0-9+/=]{32,}(?:\\n|[\s"'+,\\])*){2,}/g,
    appliesToExamples: false,
    accepts: (secret) => entropy(secret) > 4,
  },
  {
    id: 'password',
    title: 'password or key in code',
    pattern: new RegExp(
      `${secretNames}["']?\\s*(?::=|=>|[:=])\\s*(["'\`])(?<secret>[^"'\`\\s]{8,128})\\1(?!\\s*[+%.\\[])`,
      'gi',
    ),
    appliesToExamples: false,
    accepts: (secret) => looksRandom(secret),
  },
];

/** Files that can have values without quotes. */
export const settingsFile = /(?:^|\/)\.env(?:\.[\w-]+)?$|\.(?:env|properties|ini|cfg|conf|ya?ml|tfvars)$/;
export const settingPattern: SecretPattern = {
  id: 'password',
  title: 'password or key in a setting',
  pattern: new RegExp(
    `^[ \\t]*(?:export )?(?:[\\w.-]*[_.-])?${secretNames}[ \\t]*[:=][ \\t]*(?<secret>[^"'\`\\s#]{8,128})[ \\t]*(?:#.*)?$`,
    'gim',
  ),
  appliesToExamples: false,
  accepts: (secret) => looksRandom(secret),
};

/** Values that are placeholders, test data or expressions. */
const placeholder =
  /example|sample|dummy|placeholder|change[-_]?me|your|insert|xxx|\*\*\*|\.\.\.|fake|secret|passw|passwd|test|1234|abcd|qwert|foo|bar|todo|redact|replace|undefined|null|\$\{|\{\{|<[^>]*>|^\$|^%|^@|^\/|^\.|:\/\/|\(|\)|process\.|env\b|default|none|hidden|mock|demo|invalid|correct|wrong/i;

/** Returns true for values with at least three kinds of characters, or long ones of high entropy, but not for words and names. */
function looksRandom(value: string): boolean {
  if (placeholder.test(value)) return false;
  const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9]/].filter((kind) => kind.test(value)).length;
  // Rejects words joined by punctuation or camel case, such as `reset-password.form` or `sha256WithRsa`.
  if (/^[A-Za-z]+\d{0,3}(?:[-_.:/A-Z][A-Za-z]*\d{0,3})*$/.test(value) && longestWordLength(value) > 3) return false;
  if (!/\d/.test(value) || !/[A-Za-z]/.test(value)) return false;
  return (kinds >= 3 && entropy(value) >= 2.9) || (value.length >= 24 && entropy(value) >= 3.3);
}

/** Returns the length of the longest word in camel case or of capitals. */
const longestWordLength = (value: string): number =>
  Math.max(0, ...[...value.matchAll(/[A-Z]?[a-z]+|[A-Z]+/g)].map(([match]) => match.length));

/** Returns the Shannon entropy in bits per character. */
function entropy(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  return [...counts.values()].reduce((bits, count) => bits - (count / text.length) * Math.log2(count / text.length), 0);
}

/** Returns true if a value in an issuer's format is only an example: it is labelled as one, or has little entropy. */
export function isSample(secret: string): boolean {
  return (
    /example|dummy|fake|sample|placeholder|x{6}|0{8}|1234567890|abcdefgh|\.\.\.|\*\*\*/i.test(secret) ||
    entropy(secret) < 2.5
  );
}

/** Returns true if both parts are JSON and the header has an algorithm. Rejects the example token of jwt.io. */
function isJwt(head: string, body: string): boolean {
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
