/** Heuristics that distinguish real secrets from placeholders, names and test data. */

/** Parts of expressions, patterns, templates and paths. A value with one of them is not a literal secret. */
const expression =
  /\$\{|\{\{|<[^>]*>|^\$|^%|^@|^\/|^\.|:\/\/|\(|\)|\[[^\]]+\]|\{\d+[,}]|process\.|\*{3}|\.{3}|…|x{4}|(.)\1{5}|^(?:null|undefined|none|true|false)$/i;
/** Words of placeholders and test data. A random value may contain one by chance. */
const placeholderWords =
  /example|sample|dummy|placeholder|change[-_]?me|your|insert|fake|s[e3]cr[e3]t|p[a@4]ssw?(?:or)?d?|test(?:ing)?|1234\d*|abcd\w?|qwert\w?|foo|bar|baz|todo|redact(?:ed)?|replace|undefined|null|env\b|default|none|hidden|mock|demo|invalid|correct|wrong|hunter2|letmein/gi;

/** Returns true for placeholders and expressions: what remains without their words is too short for a secret. */
export function isPlaceholder(value: string): boolean {
  if (expression.test(value)) return true;
  const rest = value.replace(placeholderWords, '');
  return rest !== value && (rest.length < 10 || rest.length < value.length * 0.6);
}

/** Returns true for values with at least three kinds of characters, or long ones of high entropy, but not for words and names. */
export function looksRandom(value: string): boolean {
  if (isPlaceholder(value)) return false;
  const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9]/].filter((kind) => kind.test(value)).length;
  // Rejects words joined by punctuation or camel case, such as `reset-password.form` or `sha256WithRsa`.
  const canBeWords = /^[A-Za-z][-\w.:/]*$/.test(value) && !/\d{4}|\d[a-z]/.test(value);
  if (canBeWords && shareOfWords(value) >= minShareOfWords) return false;
  if (!/\d/.test(value) || !/[A-Za-z]/.test(value)) return false;
  return (kinds >= 3 && entropy(value) >= 2.9) || (value.length >= 24 && entropy(value) >= 3.3);
}

/** Share of the letters that are in words, from which on a value is a name. In random text it is about a third. */
const minShareOfWords = 0.5;

/** Returns the share of the letters that belong to words in camel case or of capitals. */
function shareOfWords(value: string): number {
  const matches = value.match(/[A-Z]?[a-z]{2,}|[A-Z]{4,}/g) ?? [];
  return matches.join('').length / value.replace(/[^A-Za-z]/g, '').length;
}

/** Returns the Shannon entropy in bits per character. */
export function entropy(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  return [...counts.values()].reduce((bits, count) => bits - (count / text.length) * Math.log2(count / text.length), 0);
}

/** Returns true if a value in an issuer's format is only an example: it is labelled as one, or has little entropy. */
export function isSample(secret: string): boolean {
  return (
    /example|dummy|fake|sample|placeholder|x{6}|0{8}|(?!A)(.)\1{7}|(?!A)(.{8,})\2|wJalrXUtnFEMI|1234567890|abcdefgh|\.\.\.|\*\*\*/i.test(
      secret,
    ) || entropy(secret) < 2.5
  );
}

/** Returns true if a URL has a real password: not a variable, not an example, and not for a local host. */
export function isCredential(address: string): boolean {
  const [, user = '', password = '', host = ''] = /\/\/([^:/@\s]*):([^@\s]*)@([^/:?#\s"'`]*)/.exec(address) ?? [];
  if (password === '' || /[${}<>%*()[\]]|^:|\.\.\./.test(`${user}${password}${host}`)) return false;
  if (
    /^(?:localhost|127\.|0\.0\.0\.0|\[::1|host\b|hostname|server\b|proxy\b)|(?:^|\.)(?:example|test|invalid|local|localhost)(?:\.|$)/i.test(
      host,
    )
  )
    return false;
  // A host without a dot is a service on the same machine or in the same Compose file, often with a password for development.
  if (!host.includes('.') && !looksRandom(password)) return false;
  if (password === user || isPlaceholder(password)) return false;
  return !/^(?:user(?:name)?|name|pass(?:word|wd)?|pwd|p|pw|secret|token|postgres|root|admin|guest|foo|bar|test|x+|key)$/i.test(
    password,
  );
}

/** Returns true for the head and body of a JSON Web Token that is still valid. Rejects the example token of jwt.io. */
export function isUsableJwt(head: string, body: string): boolean {
  const [header, claims] = [head, body].map((part) => {
    try {
      return JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as unknown;
    } catch {
      return undefined;
    }
  });
  const isTable = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
  if (!isTable(header) || typeof header['alg'] !== 'string' || !isTable(claims)) return false;
  const expiresAt = claims['exp'];
  const isExpired = typeof expiresAt === 'number' && expiresAt * 1000 < Date.now();
  return header['alg'] !== 'none' && claims['sub'] !== '1234567890' && !isExpired;
}
