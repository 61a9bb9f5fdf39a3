/** Tests that planted secrets are found but never printed, and that similar text is ignored. */
import assert from 'node:assert/strict';
import { secrets } from '../../../../../src/pipelines/validation/checks/safety/secrets/secrets.ts';
import { type PlantedRepository, plant } from '../../planted-repository.ts';
import { testCheck } from '../check-cases.ts';
import { lineWithSecret, syntheticSecrets } from './synthetic-secrets.ts';

const lineWith = (title: string): string => {
  const synthetic = syntheticSecrets.find((candidate) => candidate.title === title);
  assert.ok(synthetic, title);
  return lineWithSecret(synthetic);
};

/** Common lines that look like secrets. */
const nonSecrets = [
  'password = "correct-horse"',
  'const password = getPassword("user1A!");',
  `password: "$${'{DB_PASSWORD}'}"`,
  'PASSWORD_FIELD = "reset_password2"',
  'api_key = os.environ["API_KEY1"]',
  'secret = "changeme123A!"',
  'token = "xxxxxxxxxxxxxxxxA1!"',
  'const secretKey = "settings.auth.secretKey1"',
  'url = "https://user:password@example.com/"',
  'url = "postgres://postgres:postgres@localhost:5432/test"',
  'url = f"https://{user}:{token}@github.com/o/r"',
  `key = "AK${'IA'}IOSFODNN7${'EXAMPLE'}"`,
  `token = "gh${'p_'}${'x'.repeat(36)}"`,
  `if text.startswith("-----BEGIN PRIVATE ${'KEY'}-----"):`,
  'sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"',
];

testCheck(secrets, [
  {
    title: 'accepts text that only looks like a secret',
    files: { 'src/a.py': `${nonSecrets.join('\n')}\n` },
    expected: 'pass',
    message: /1 file/,
  },
  {
    title: 'skips a repository without text files',
    files: { 'a.bin': new Uint8Array([0, 1, 2]) },
    expected: 'not_applicable',
  },
  {
    title: "finds keys in an issuer's format in tests and documentation too",
    files: { 'test/a.test.ts': `\n${lineWith('GitHub token')}\n`, 'docs/a.md': lineWith('Slack token') },
    expected: ['docs/a.md:1', 'test/a.test.ts:2'],
  },
  {
    title: 'ignores passwords in tests and documentation, and all secrets in vendored files',
    files: {
      'test/a.test.ts': `${lineWith('password in the code')}\n${lineWith('private key')}\n${lineWith('AWS secret key')}`,
      'docs/a.md': lineWith('password in an address'),
      'vendor/a.py': lineWith('GitHub token'),
      'test/fixtures/a.py': lineWith('GitHub token'),
      'src/a.py': 'a = 1\n',
    },
    expected: 'pass',
  },
  {
    title: 'ignores a secret on a line that calls it an example',
    files: { 'src/a.py': `# e.g. ${lineWith('GitHub token')}\n` },
    expected: 'pass',
  },
  {
    title: 'finds unquoted values in settings',
    files: { 'config/app.yml': `db:\n  password: ${syntheticSecrets.at(-1)?.secret}\n` },
    expected: ['config/app.yml:2'],
  },
]);

const sourceName = (index: number): string => `src/s${String(index).padStart(2, '0')}.py`;

describe('SAF_SECRETS on planted secrets', () => {
  let planted: PlantedRepository;
  before(async () => {
    const files = syntheticSecrets.map((secret, index) => [sourceName(index), `# head\n${lineWithSecret(secret)}\n`]);
    planted = await plant(Object.fromEntries(files), { git: true });
  });
  after(() => planted.dispose());

  it('finds each with its line and prints no part of it', async () => {
    assert.ok(syntheticSecrets.length >= 18);
    const outcome = await secrets.run(await planted.again());
    const output = JSON.stringify(outcome);
    assert.deepEqual(
      outcome.findings?.map(({ file, line }) => `${file}:${line}`),
      syntheticSecrets.map((_, index) => `${sourceName(index)}:2`),
    );
    for (const { title, secret } of syntheticSecrets) {
      for (const piece of secretPieces(secret)) assert.ok(!output.includes(piece), `${title} is not printed`);
    }
  });

  it('caches results by content without secrets, and scans changed files again', async () => {
    const context = await planted.again();
    const cached = context.cache.get<{ matches: Record<string, unknown> }>('safety.secrets/4');
    assert.ok(cached && Object.keys(cached.matches).length === syntheticSecrets.length);
    const text = JSON.stringify(cached);
    for (const { secret } of syntheticSecrets)
      for (const piece of secretPieces(secret)) assert.ok(!text.includes(piece));
    // With an emptied cache entry the check passes, which proves that the files are not scanned again.
    const emptied = Object.fromEntries(Object.keys(cached.matches).map((key) => [key, []]));
    context.cache.set('safety.secrets/4', { clean: '', matches: emptied });
    assert.equal((await secrets.run(context)).status, 'pass');
    planted.put('src/s00.py', `# changed\n\n${lineWithSecret(syntheticSecrets[0] ?? { title: '', secret: '' })}\n`);
    const changed = await secrets.run(await planted.again());
    assert.deepEqual(
      changed.findings?.map(({ file, line }) => `${file}:${line}`),
      ['src/s00.py:3'],
    );
  });
});

/** Splits a secret into pieces of eight characters, none of which may be printed. */
function secretPieces(secret: string): string[] {
  return Array.from({ length: Math.floor(secret.length / 8) }, (_, index) => secret.slice(index * 8, index * 8 + 8));
}

describe('scan worker', () => {
  it('caches the results of an aborted scan and completes the scan in the next run', async () => {
    const clean = Array.from({ length: 300 }, (_, index) => [
      `src/a${index}.ts`,
      `let a${index} = ${index};\n`.repeat(500),
    ]);
    const [synthetic = { title: '', secret: '' }] = syntheticSecrets;
    const files = {
      ...Object.fromEntries(clean),
      'src/0.py': lineWithSecret(synthetic),
      'src/z.py': `\n${lineWithSecret(synthetic)}`,
    };
    const planted = await plant(files, { git: true });
    try {
      const cachedLength = (): number =>
        planted.context.cache.get<{ clean: string }>('safety.secrets/4')?.clean.length ?? 0;
      for (let waitMs = 100; cachedLength() === 0; waitMs *= 1.5) {
        assert.ok(waitMs < 30_000, 'results are cached before the scan is complete');
        const control = new AbortController();
        const aborted = secrets.run({ ...(await planted.again()), signal: control.signal });
        setTimeout(() => control.abort(new Error('time is up')), waitMs);
        await aborted.catch(() => undefined);
      }
      const { findings = [] } = await secrets.run(await planted.again());
      assert.deepEqual(
        findings.map(({ file, line }) => `${file}:${line}`),
        ['src/0.py:1', 'src/z.py:2'],
      );
    } finally {
      planted.dispose();
    }
  });

  it('keeps running for other checks when one check is aborted', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 200 }, (_, index) => [`src/a${index}.ts`, `let a${index} = ${index};\n`.repeat(500)]),
    );
    const planted = await plant(files, { git: true });
    try {
      const context = await planted.again();
      const control = new AbortController();
      const first = secrets.run({ ...context, signal: control.signal });
      const second = secrets.run(context);
      control.abort(new Error('time is up'));
      await assert.rejects(first, /time is up/);
      assert.match((await second).message, /No secrets in 200 files/);
    } finally {
      planted.dispose();
    }
  });
});
