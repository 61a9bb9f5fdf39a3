/** Each kind of token is found, and text that is almost one is not. */
import assert from 'node:assert/strict';
import { findSecrets } from '../../../../../src/pipelines/validation/checks/safety/secrets/find-secrets.ts';
import { namedSecretRules } from '../../../../../src/pipelines/validation/checks/safety/secrets/named-secret-rules.ts';
import { platformTokenRules } from '../../../../../src/pipelines/validation/checks/safety/secrets/platform-token-rules.ts';
import { serviceTokenRules } from '../../../../../src/pipelines/validation/checks/safety/secrets/service-token-rules.ts';
import { issuerSamples, namedSamples } from './issuer-samples.ts';
import { randomText } from './synthetic-secrets.ts';

const lower = 'abcdefghijklmnopqrstuvwxyz';
const digits = '0123456789';
const alphabets: Readonly<Record<string, string>> = {
  a: lower + lower.toUpperCase() + digits,
  d: digits,
  h: `${digits}abcdef`,
  k: '023456789ACDEFGHJKLMNPQRSTUVWXYZ',
  l: lower + digits,
  u: lower.toUpperCase() + digits,
  w: `${lower}${lower.toUpperCase()}${digits}_`,
  z: lower + lower.toUpperCase(),
};

type Part = (kind: string, length: number, index: number) => string;
const randomPart: Part = (kind, length, index) => randomText(length, alphabets[kind], 7919 + 31 * length + index);

/** Replaces the placeholders of a sample. */
function fill(sample: string, part: Part = randomPart): string {
  let index = 0;
  const uuid = () => [8, 4, 4, 4, 12].map((length) => part('h', length, index++)).join('-');
  return sample.replace(/\{(?:uuid|([a-z])(\d+))\}/g, (_all, kind: string | undefined, length: string) =>
    kind === undefined ? uuid() : part(kind, Number(length), index++),
  );
}

const rulesIn = async (text: string): Promise<string[]> =>
  (await findSecrets('src/a.ts', text, 'code')).map(({ rule }) => rule);
/** Secretlint has a rule of the same issuer that accepts shorter tokens. */
const isOurs = (rule: string): boolean => rule !== 'slack';

describe('tokens of issuers', () => {
  const rules = [...platformTokenRules, ...serviceTokenRules];

  it('have a sample each', () => {
    assert.deepEqual(Object.keys(issuerSamples).sort(), rules.map(({ id }) => id).sort());
    assert.equal(new Set(rules.map(({ id }) => id)).size, rules.length);
    assert.ok(rules.length > 90);
  });

  it('are found in code', async () => {
    for (const [id, sample] of Object.entries(issuerSamples)) {
      const found = await rulesIn(`const value = "${fill(sample)}";\n`);
      assert.equal(found.length, 1, `${id}: ${found}`);
      // Secretlint has a rule for some of these issuers too.
      assert.ok(found[0] === id || !/_/.test(found[0] ?? ''), `${id} is reported as ${found}`);
    }
  });

  it('are not found if a part is shorter than the format requires', async () => {
    for (const [id, sample] of Object.entries(issuerSamples)) {
      const shorter = fill(sample, (kind, length, index) => randomPart(kind, Math.ceil(length / 2) - 1, index));
      assert.deepEqual((await rulesIn(`const value = "${shorter}";\n`)).filter(isOurs), [], id);
    }
  });

  it('are not found if the random part is a placeholder', async () => {
    for (const [id, sample] of Object.entries(issuerSamples)) {
      const placeholder = fill(sample, (kind, length) => (alphabets[kind] ?? '').slice(-1).repeat(length));
      assert.deepEqual(await rulesIn(`const value = "${placeholder}";\n`), [], id);
    }
  });

  it('are not found inside longer names', async () => {
    for (const [id, sample] of Object.entries(issuerSamples)) {
      if (/:\/\/|^\{|Key=/.test(sample)) continue;
      assert.deepEqual(await rulesIn(`const value = "x${fill(sample)}y";\n`), [], id);
    }
  });
});

describe('secrets in settings named after their issuer', () => {
  it('have a sample each', () => {
    assert.deepEqual(Object.keys(namedSamples).sort(), namedSecretRules.map(({ id }) => id).sort());
  });

  it('are found in code', async () => {
    for (const [id, sample] of Object.entries(namedSamples)) {
      const found = await rulesIn(`${fill(sample)}\n`);
      assert.ok(found.length === 1, `${id}: ${found}`);
    }
  });

  it('are not found in other settings, as placeholders, or as expressions', async () => {
    for (const [id, sample] of Object.entries(namedSamples)) {
      const otherName = fill(sample).replace(/^\w+/, 'checksum');
      const value = fill(sample).replace(/['"].*['"]/, 'process.env.VALUE_OF_SETTING_12345');
      const constant = fill(sample, (kind, length) => (alphabets[kind] ?? '').slice(-1).repeat(length));
      for (const text of [otherName, value, constant])
        assert.deepEqual(await rulesIn(`${text}\n`), [], `${id}: ${text}`);
    }
  });
});

describe('passwords in other places', () => {
  const password = `${randomText(8)}q7!${randomText(6, digits)}`;
  const found: Readonly<Record<string, readonly [file: string, text: string]>> = {
    'an address without a user': ['src/a.py', `url = 'redis://:${randomText(20)}@cache.acme.io:6379/0'`],
    'a Dockerfile': ['build/Dockerfile', `FROM scratch\nENV API_KEY=${randomText(32)}\n`],
    'a Dockerfile with another extension': ['app.Dockerfile', `FROM scratch\nARG AUTH_TOKEN=${randomText(32)}\n`],
    'a connection string': ['src/a.cs', `var c = "Server=db.acme.io;User Id=app;Password=${randomText(16)}Z9;";`],
    'a header': ['src/a.js', `fetch(u, { headers: { Authorization: 'Bearer ${randomText(40)}' } });`],
    'a value that happens to contain a placeholder word': [
      'src/a.py',
      `password = 'k9${randomText(4)}test${password}'`,
    ],
    'a key that happens to contain a placeholder word': [
      'src/a.js',
      `apiKey = '${randomText(10)}bar${randomText(20)}'`,
    ],
  };
  for (const [what, [file, text]] of Object.entries(found)) {
    it(`are found in ${what}`, async () => {
      assert.equal((await findSecrets(file, text, 'code')).length, 1);
    });
  }

  const accepted: Readonly<Record<string, readonly [file: string, text: string]>> = {
    'a Compose file with a development password': [
      'docker-compose.yml',
      'environment:\n  DATABASE_URL: postgres://app:changeme@db/app\n',
    ],
    'a search key of Algolia': [
      'src/config.ts',
      `export const search = { indexName: 'docs', appId: 'Q7X1', apiKey: '${randomText(32, alphabets['h'])}' };`,
    ],
    'the configuration of a Firebase client': [
      'src/app.js',
      `const config = { apiKey: 'AI${'za'}${randomText(35)}', authDomain: 'a.firebaseapp.com' };`,
    ],
    'a public setting of a bundler': ['.env', `NEXT_PUBLIC_API_KEY=${randomText(32)}\n`],
    'a signed URL': [
      'a.link',
      `https://s3.acme.io/a?AWSAccessKeyId=AK${'IA'}${randomText(16, 'ABCDEFGH234567')}&Signature=x`,
    ],
    'the key of an emulator': [
      'compose.yml',
      `AZURE: DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=${randomText(86)}==;`,
    ],
    'regular expressions': ['src/a.ts', `const SECRET = "[-_.~a-z0-9]{40}"; const apiKey = '(?:[0-9a-f]{8}Q7x)';`],
    words: ['src/a.ts', "const password = 'test-Password-1A!'; const secret = 'MyExampleKey12345!';"],
  };
  for (const [what, [file, text]] of Object.entries(accepted)) {
    it(`are not found in ${what}`, async () => {
      assert.deepEqual(await findSecrets(file, text, 'code'), []);
    });
  }

  it('are looked for in linear time', async () => {
    const blob = `dd${randomText(20_000)}${'A'.repeat(2000)}`;
    const text = `token = "${blob}"\npassword = "${'AB'.repeat(60)}1"\n`;
    const started = performance.now();
    await findSecrets('src/a.js', text, 'code');
    assert.ok(performance.now() - started < 20_000);
  });
});
