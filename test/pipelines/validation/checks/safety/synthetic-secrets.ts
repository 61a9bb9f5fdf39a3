/** Secrets that open nothing, put together when the tests run: written down whole, scanners would find them here. */

const lower = 'abcdefghijklmnopqrstuvwxyz';
const upper = lower.toUpperCase();
const digits = '0123456789';
const all = lower + upper + digits;

/** The same signs in every run, without a pattern in them (numbers of Lehmer, modulus 2^31 - 1). */
function signs(count: number, alphabet = all, seed = count * 7919 + alphabet.length): string {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (state * 48271) % 2147483647;
    return alphabet[state % alphabet.length];
  }).join('');
}

const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const pem = (): string => {
  const body = Array.from({ length: 12 }, (_, at) => signs(64, `${all}+/`, at + 5)).join('\n');
  return `${'-'.repeat(5)}BEGIN RSA PRIVATE ${'KEY'}${'-'.repeat(5)}\n${body}\n${'-'.repeat(5)}END RSA PRIVATE ${'KEY'}${'-'.repeat(5)}`;
};

export interface Synthetic {
  readonly what: string;
  /** What must not be told. */
  readonly secret: string;
  /** The line that it stands in, where it is not a plain assignment. */
  readonly line?: string;
}

const own = (secret: string, prefix: string): string => `${prefix}"${secret}"`;

export const synthetics: readonly Synthetic[] = [
  { what: 'AWS access key id', secret: `AK${'IA'}${signs(16, `${upper}234567`)}` },
  ...[signs(40, `${all}/+`)].map((secret) => ({
    what: 'AWS secret key',
    secret,
    line: own(secret, 'aws_secret_access_key = '),
  })),
  { what: 'GitHub token', secret: `gh${'p_'}${signs(36)}` },
  { what: 'GitHub fine-grained token', secret: `github_${'pat_'}${signs(22)}_${signs(59)}` },
  { what: 'GitLab token', secret: `gl${'pat-'}${signs(20)}` },
  { what: 'Slack token', secret: `xo${'xb-'}${signs(12, digits)}-${signs(13, digits)}-${signs(24)}` },
  { what: 'Stripe key', secret: `sk_${'live_'}${signs(24)}` },
  { what: 'SendGrid key', secret: `S${'G.'}${signs(22)}.${signs(43)}` },
  { what: 'npm token', secret: `np${'m_'}${signs(36)}` },
  { what: 'OpenAI key', secret: `sk${'-'}${signs(20)}T3Blbk${'FJ'}${signs(20, all, 99)}` },
  { what: 'Anthropic key', secret: `sk-${'ant-'}api03-${signs(93)}${'AA'}` },
  { what: 'Shopify token', secret: `sh${'pat_'}${signs(32, 'abcdef0123456789')}` },
  ...[signs(14)].map((secret) => ({
    what: 'password in an address',
    secret,
    line: `url = "https://deploy:${secret}${'@'}build.acme.io/git"`,
  })),
  ...[signs(16)].map((secret) => ({
    what: 'password of a database',
    secret,
    line: `dsn = "postgres${'://'}app:${secret}${'@'}db.acme.io:5432/app"`,
  })),
  ...[pem()].map((secret) => ({ what: 'private key', secret, line: `key = """${secret}"""` })),
  { what: 'Google API key', secret: `AI${'za'}${signs(35)}` },
  { what: 'OpenAI project key', secret: `sk-${'proj-'}${signs(48)}` },
  {
    what: 'JSON web token',
    secret: `${base64url({ alg: 'HS256', typ: 'JWT' })}.${base64url({ sub: 'deploy', scope: 'all' })}.${signs(43)}`,
  },
  ...[`${signs(6, lower)}${signs(4, digits)}${signs(4, upper)}!`].map((secret) => ({
    what: 'password in the code',
    secret,
    line: own(secret, 'db_pass' + 'word = '),
  })),
];

export const lineOf = ({ secret, line }: Synthetic): string => line ?? `value = "${secret}"`;
