/** Fake secrets, assembled at run time because secret scanners would report literals in this file. */

const lower = 'abcdefghijklmnopqrstuvwxyz';
const upper = lower.toUpperCase();
const digits = '0123456789';
const all = lower + upper + digits;

/** Returns pseudorandom text that is the same in every run (Lehmer generator, modulus 2^31 - 1). */
export function randomText(count: number, alphabet = all, seed = count * 7919 + alphabet.length): string {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (state * 48271) % 2147483647;
    return alphabet[state % alphabet.length];
  }).join('');
}

const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const createPem = (): string => {
  const body = Array.from({ length: 12 }, (_, index) => randomText(64, `${all}+/`, index + 5)).join('\n');
  return `${'-'.repeat(5)}BEGIN RSA PRIVATE ${'KEY'}${'-'.repeat(5)}\n${body}\n${'-'.repeat(5)}END RSA PRIVATE ${'KEY'}${'-'.repeat(5)}`;
};

export interface SyntheticSecret {
  readonly title: string;
  /** The text that must never be printed. */
  readonly secret: string;
  /** The line with the secret; an assignment if absent. */
  readonly line?: string;
}

const assign = (secret: string, prefix: string): string => `${prefix}"${secret}"`;

export const syntheticSecrets: readonly SyntheticSecret[] = [
  { title: 'AWS access key id', secret: `AK${'IA'}${randomText(16, `${upper}234567`)}` },
  ...[randomText(40, `${all}/+`)].map((secret) => ({
    title: 'AWS secret key',
    secret,
    line: assign(secret, 'aws_secret_access_key = '),
  })),
  { title: 'GitHub token', secret: `gh${'p_'}${randomText(36)}` },
  { title: 'GitHub fine-grained token', secret: `github_${'pat_'}${randomText(22)}_${randomText(59)}` },
  { title: 'GitLab token', secret: `gl${'pat-'}${randomText(20)}` },
  { title: 'Slack token', secret: `xo${'xb-'}${randomText(12, digits)}-${randomText(13, digits)}-${randomText(24)}` },
  { title: 'Stripe key', secret: `sk_${'live_'}${randomText(24)}` },
  { title: 'SendGrid key', secret: `S${'G.'}${randomText(22)}.${randomText(43)}` },
  { title: 'npm token', secret: `np${'m_'}${randomText(36)}` },
  { title: 'OpenAI key', secret: `sk${'-'}${randomText(20)}T3Blbk${'FJ'}${randomText(20, all, 99)}` },
  { title: 'Anthropic key', secret: `sk-${'ant-'}api03-${randomText(93)}${'AA'}` },
  { title: 'Shopify token', secret: `sh${'pat_'}${randomText(32, 'abcdef0123456789')}` },
  ...[randomText(14)].map((secret) => ({
    title: 'password in an address',
    secret,
    line: `url = "https://deploy:${secret}${'@'}build.acme.io/git"`,
  })),
  ...[randomText(16)].map((secret) => ({
    title: 'password of a database',
    secret,
    line: `dsn = "postgres${'://'}app:${secret}${'@'}db.acme.io:5432/app"`,
  })),
  ...[createPem()].map((secret) => ({ title: 'private key', secret, line: `key = """${secret}"""` })),
  { title: 'Google API key', secret: `AI${'za'}${randomText(35)}` },
  { title: 'OpenAI project key', secret: `sk-${'proj-'}${randomText(48)}` },
  {
    title: 'JSON web token',
    secret: `${base64url({ alg: 'HS256', typ: 'JWT' })}.${base64url({ sub: 'deploy', scope: 'all' })}.${randomText(43)}`,
  },
  ...[`${randomText(6, lower)}${randomText(4, digits)}${randomText(4, upper)}!`].map((secret) => ({
    title: 'password in the code',
    secret,
    line: assign(secret, 'db_pass' + 'word = '),
  })),
];

export const lineWithSecret = ({ secret, line }: SyntheticSecret): string => line ?? `value = "${secret}"`;
