/** Planted secrets are found and not told; what only looks like one is left alone. */
import assert from 'node:assert/strict';
import { secrets } from '../../../../../src/pipelines/validation/checks/safety/secrets/secrets.ts';
import { type Plant, plant } from '../../planted-repository.ts';
import { casesOf } from '../check-cases.ts';
import { lineOf, synthetics } from './synthetic-secrets.ts';

const row = (what: string): string => {
  const one = synthetics.find((synthetic) => synthetic.what === what);
  assert.ok(one, what);
  return lineOf(one);
};

/** What people write that is none. */
const harmless = [
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

casesOf(secrets, [
  {
    what: 'passes where nothing is secret',
    files: { 'src/a.py': `${harmless.join('\n')}\n` },
    found: 'pass',
    says: /1 text/,
  },
  { what: 'skips where there is no text', files: { 'a.bin': new Uint8Array([0, 1, 2]) }, found: 'not_applicable' },
  {
    what: 'finds what issuers make in tests and papers too',
    files: { 'test/a.test.ts': `\n${row('GitHub token')}\n`, 'docs/a.md': row('Slack token') },
    found: ['docs/a.md:1', 'test/a.test.ts:2'],
  },
  {
    what: 'leaves alone what anyone can write in tests and papers, and all that is foreign',
    files: {
      'test/a.test.ts': `${row('password in the code')}\n${row('private key')}\n${row('AWS secret key')}`,
      'docs/a.md': row('password in an address'),
      'vendor/a.py': row('GitHub token'),
      'test/fixtures/a.py': row('GitHub token'),
      'src/a.py': 'a = 1\n',
    },
    found: 'pass',
  },
  {
    what: 'leaves alone what the line calls an example',
    files: { 'src/a.py': `# e.g. ${row('GitHub token')}\n` },
    found: 'pass',
  },
  {
    what: 'reads settings without quotes',
    files: { 'config/app.yml': `db:\n  password: ${synthetics.at(-1)?.secret}\n` },
    found: ['config/app.yml:2'],
  },
]);

describe('SAF_SECRETS on planted secrets', () => {
  let planted: Plant;
  before(async () => {
    const files = synthetics.map((one, at) => [`src/s${String(at).padStart(2, '0')}.py`, `# head\n${lineOf(one)}\n`]);
    planted = await plant(Object.fromEntries(files), { git: true });
  });
  after(() => planted.dispose());

  it('finds each in its line, and tells none', async () => {
    assert.ok(synthetics.length >= 18);
    const outcome = await secrets.run(await planted.again());
    const told = JSON.stringify(outcome);
    assert.deepEqual(
      outcome.findings?.map(({ file, line }) => `${file}:${line}`),
      synthetics.map((_, at) => `src/s${String(at).padStart(2, '0')}.py:2`),
    );
    for (const { what, secret } of synthetics) {
      for (const piece of pieces(secret)) assert.ok(!told.includes(piece), `${what} is told`);
    }
  });

  it('remembers by content, tells no secret to the memory, and looks at what changed', async () => {
    const context = await planted.again();
    const remembered = context.memory.get<{ found: Record<string, unknown> }>('safety.secrets/1');
    assert.ok(remembered && Object.keys(remembered.found).length === synthetics.length);
    const text = JSON.stringify(remembered);
    for (const { secret } of synthetics) for (const piece of pieces(secret)) assert.ok(!text.includes(piece));
    // What the memory says of a content is taken: nobody looked again.
    const emptied = Object.fromEntries(Object.keys(remembered.found).map((key) => [key, []]));
    context.memory.set('safety.secrets/1', { clean: '', found: emptied });
    assert.equal((await secrets.run(context)).status, 'pass');
    planted.put('src/s00.py', `# changed\n\n${lineOf(synthetics[0] ?? { what: '', secret: '' })}\n`);
    const changed = await secrets.run(await planted.again());
    assert.deepEqual(
      changed.findings?.map(({ file, line }) => `${file}:${line}`),
      ['src/s00.py:3'],
    );
  });
});

/** Eight signs in a row from anywhere in a secret tell enough of it. */
function pieces(secret: string): string[] {
  return Array.from({ length: Math.floor(secret.length / 8) }, (_, at) => secret.slice(at * 8, at * 8 + 8));
}

describe('a thread that reads texts', () => {
  it('remembers what it read before its time was up, and then reads the rest', async () => {
    const clean = Array.from({ length: 300 }, (_, at) => [`src/a${at}.ts`, `let a${at} = ${at};\n`.repeat(500)]);
    const [synthetic = { what: '', secret: '' }] = synthetics;
    const files = { ...Object.fromEntries(clean), 'src/0.py': lineOf(synthetic), 'src/z.py': `\n${lineOf(synthetic)}` };
    const planted = await plant(files, { git: true });
    try {
      const known = (): number => planted.context.memory.get<{ clean: string }>('safety.secrets/1')?.clean.length ?? 0;
      for (let waitMs = 100; known() === 0; waitMs *= 1.5) {
        assert.ok(waitMs < 30_000, 'nothing is remembered before the end');
        const control = new AbortController();
        const cut = secrets.run({ ...(await planted.again()), signal: control.signal });
        setTimeout(() => control.abort(new Error('time is up')), waitMs);
        await cut.catch(() => undefined);
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

  it('ends for the one whose time is up, and not for the others', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 200 }, (_, at) => [`src/a${at}.ts`, `let a${at} = ${at};\n`.repeat(500)]),
    );
    const planted = await plant(files, { git: true });
    try {
      const context = await planted.again();
      const control = new AbortController();
      const first = secrets.run({ ...context, signal: control.signal });
      const second = secrets.run(context);
      control.abort(new Error('time is up'));
      await assert.rejects(first, /time is up/);
      assert.match((await second).message, /No secret in 200 texts/);
    } finally {
      planted.dispose();
    }
  });
});
