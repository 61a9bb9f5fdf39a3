/** Private keys are judged by their content and by what is said about them, not only by their folder. */
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { secretFiles } from '../../../../../src/pipelines/validation/checks/safety/secrets/secret-files.ts';
import { secrets } from '../../../../../src/pipelines/validation/checks/safety/secrets/secrets.ts';
import { testCheck } from '../check-cases.ts';
import { randomText } from './synthetic-secrets.ts';

const createKey = (type: 'pkcs1' | 'pkcs8' = 'pkcs8'): string =>
  generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type, format: 'pem' }).toString();
const key = createKey();
const lines = key.split('\n');
const truncated = [...lines.slice(0, 6), ...lines.slice(-2)].join('\n');
const abbreviated = [...lines.slice(0, 4), '...', ...lines.slice(-2)].join('\n');

/** Creates a key with a certificate for a host name, by openssl. */
function createCertificate(host: string): { readonly certificate: string; readonly key: string } | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'pipescope-certificate-'));
  try {
    const [keyFile, file] = [join(folder, 'a.key'), join(folder, 'a.crt')];
    const options = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', `/CN=${host}`];
    execFileSync('openssl', ['req', ...options, '-keyout', keyFile, '-out', file], { stdio: 'ignore' });
    return { certificate: readFileSync(file, 'utf8'), key: readFileSync(keyFile, 'utf8') };
  } catch {
    return undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
const local = createCertificate('localhost');
const remote = createCertificate('shop.acme.io');

testCheck(secrets, [
  {
    title: 'finds whole private keys in text files, documentation and examples',
    files: {
      'notes.txt': key,
      'docs/deploy.md': `# Deployment\n\n    ssh deploy@acme.io\n\n${createKey('pkcs1')}`,
      'examples/app/config.yml': `key: |\n${key.replaceAll(/^/gm, '  ')}`,
      'src/a.js': `const k = ${JSON.stringify(key)};\n`,
    },
    expected: ['docs/deploy.md:5', 'examples/app/config.yml:2', 'notes.txt:1', 'src/a.js:1'],
  },
  {
    title: 'accepts truncated, abbreviated, labelled and documented keys, and keys of tests',
    files: {
      'docs/a.md': truncated,
      'docs/b.md': abbreviated,
      'docs/c.md': `# Keys\n\n## Example\n\n\`\`\`\n${key}\`\`\`\n`,
      'docs/d.txt': `This is a test key. Do not use it:\n${key}`,
      'examples/test_server.txt': key,
      'src/e.ts': `/**\n * Reads a key.\n *\n * @example\n${key.trim().replaceAll(/^/gm, ' * ')}\n */\nexport const e = 1;\n`,
      'src/f.ts': 'if (text.startsWith("-----BEGIN PRIVATE KEY-----")) parse(text);\n',
      'tests/g.pem': key,
      'src/__testfixtures__/h.txt': key,
    },
    expected: 'pass',
  },
]);

/** A key as a string of a program, with escaped line breaks. */
const quoted = JSON.stringify(key);

testCheck(secrets, [
  {
    title: 'accepts a key that a document assigns in a sample of a program',
    files: {
      'docs/sign.rst': `Sign a token\n------------\n\n.. code-block:: pycon\n\n    >>> key = b${quoted}\n    >>> sign(key)\n`,
      'README.md': `# Sign\n\n\`\`\`go\nsigningKey := ${quoted}\n\`\`\`\n\n\`\`\`js\nconst pem = ${quoted};\n\`\`\`\n`,
    },
    expected: 'pass',
  },
  {
    title: 'finds a key that a document shows as a setting, and one that a program assigns',
    files: {
      'docs/service.md': `\`\`\`json\n{"private_key": ${quoted}}\n\`\`\`\n`,
      'docs/setup.md': `\`\`\`sh\nexport PRIVATE_KEY=${quoted}\n\`\`\`\n`,
      'src/sign.py': `key = b${quoted}\n`,
    },
    expected: ['docs/service.md:2', 'docs/setup.md:2', 'src/sign.py:1'],
  },
]);

if (local && remote) {
  testCheck(secretFiles, [
    {
      title: 'accepts a key beside a certificate for a local host name, but not for a public one',
      files: {
        'dev/a.crt': local.certificate,
        'dev/a.key': local.key,
        'live/a.crt': remote.certificate,
        'live/a.key': remote.key,
      },
      expected: ['live/a.key'],
    },
  ]);
} else describe('SAF_SECRET_FILES with certificates (openssl is not installed)', () => void it.skip('1 case'));

testCheck(secretFiles, [
  {
    title: 'accepts settings that name something, and simple passwords for development',
    files: {
      '.env':
        'AUTH_TOKEN_NAME=authAccessToken\nSEED_USER_PASSWORD=s3cret\nJWT_SECRET_LENGTH=64\nAPI_KEY_HEADER=X-Api-Key\n',
    },
    expected: 'pass',
  },
  {
    title: 'finds settings with passwords that people choose',
    files: { '.env': 'PORT=1\nDB_PASSWORD=Tr0ub4dor&3\n', 'app/.env': 'MAIL_PASSWORD=Winter2025!\n' },
    expected: ['.env', 'app/.env'],
  },
]);

const password = `k9${randomText(8)}Q7!`;

testCheck(secrets, [
  {
    title: 'judges a file whose own name is that of a test by its content',
    files: {
      'src/contains_test.py': `password = '${password}'\n`,
      'src/real_test.py': `import pytest\npassword = '${password}'\n`,
      'src/a.test.ts': `it('works', () => login({ password: '${password}' }));\n`,
      'tests/helpers.py': `password = '${password}'\n`,
    },
    expected: ['src/contains_test.py:1'],
  },
]);
