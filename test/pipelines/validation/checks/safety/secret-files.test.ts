/** Tests the checks for files with secrets and for unpinned GitHub actions. */
import { strict as assert } from 'node:assert';
import { ciPinned } from '../../../../../src/pipelines/validation/checks/safety/packages/ci-pinned.ts';
import { secretFiles } from '../../../../../src/pipelines/validation/checks/safety/secrets/secret-files.ts';
import { commit } from '../../locks/samples.ts';
import { plant } from '../../planted-repository.ts';
import { testCheck } from '../check-cases.ts';
import { syntheticSecrets } from './synthetic-secrets.ts';

const secret = syntheticSecrets.at(-1)?.secret ?? '';
const key = syntheticSecrets.find(({ title }) => title === 'private key')?.secret ?? '';

testCheck(secretFiles, [
  { title: 'skips an empty repository', files: {}, expected: 'not_applicable' },
  {
    title: 'accepts examples, settings without secrets, and test keys',
    files: {
      '.env': 'PORT=3000\nPYTHONPATH=.\nAPI_KEY=\nDB_PASSWORD=changeme\nTOKEN=$' + '{TOKEN}\nPUBLIC_KEY=abcdefgh1\n',
      '.env.example': `DB_PASSWORD=${secret}\n`,
      '.npmrc': 'registry=https://npm.acme.io/\n//npm.acme.io/:_authToken=$' + '{NPM_TOKEN}\n',
      'public.pem': '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n',
      'credentials.json': '{"type": "example"}',
      'test/certs/server.key': key,
      'testdata/id_rsa': key,
      'src/id_rsa.ts': 'export {};\n',
    },
    expected: 'pass',
    message: /8 files/,
  },
  {
    title: 'finds each kind of file',
    files: {
      '.env': `PORT=3000\nDB_PASSWORD=${secret}\n`,
      '.env.production': `DATABASE_URL=mysql://app:${secret}@db.acme.io/app\n`,
      '.netrc': `machine acme.io login me password ${secret}\n`,
      '.npmrc': `//registry.npmjs.org/:_authToken=${secret}\n`,
      'certs/server.key': key,
      'credentials.json': JSON.stringify({ installed: { client_secret: secret } }),
      'deploy/id_ed25519': key,
      'store.p12': new Uint8Array([1, 0, 2]),
    },
    expected: [
      '.env',
      '.env.production',
      '.netrc',
      '.npmrc',
      'certs/server.key',
      'credentials.json',
      'deploy/id_ed25519',
      'store.p12',
    ],
  },
  {
    title: 'finds files without git too',
    files: { id_rsa: 'x' },
    options: { git: false },
    expected: ['id_rsa'],
    message: /1 file with secrets in the workspace/,
  },
]);

describe('SAF_SECRET_FILES', () => {
  it('offers to remove only files that Git tracks', async () => {
    const { context, dispose } = await plant(
      { 'deploy/id_rsa': key },
      { git: true, untracked: { 'deploy/id_ed25519': key } },
    );
    try {
      const { findings, remediation } = await secretFiles.run(context);
      assert.deepEqual(
        findings?.map(({ file }) => file),
        ['deploy/id_ed25519', 'deploy/id_rsa'],
      );
      assert.deepEqual(remediation?.[0]?.command, ['git', 'rm', '--cached', '--', 'deploy/id_rsa']);
    } finally {
      dispose();
    }
  });

  it('offers no command if Git tracks none of the files', async () => {
    const { context, dispose } = await plant(
      { a: '' },
      { git: true, untracked: { '.netrc': `machine a.io login b password ${secret}\n` } },
    );
    try {
      const { status, remediation } = await secretFiles.run(context);
      assert.equal(status, 'fail');
      assert.equal(remediation?.[0]?.command, undefined);
    } finally {
      dispose();
    }
  });
});

const step = (uses: string): string => `      - uses: ${uses}\n`;
const workflow = (...uses: string[]): string =>
  `on: push\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n${uses.map(step).join('')}`;

testCheck(ciPinned, [
  { title: 'skips a repository without workflows', files: { 'a.yml': workflow('a/b@v1') }, expected: 'not_applicable' },
  {
    title: 'accepts commits, local actions, digests, and `uses` that is not an action',
    files: {
      '.github/workflows/a.yml': `${workflow(`actions/checkout@${commit} # v4`, './local', '$/.github/actions/own', `docker://a@sha256:${'ab'.repeat(32)}`)}      - run: |\n          uses: actions/checkout@v4\n      - uses: o/a@${commit}\n        with:\n          uses: x@v1\n# uses: a/b@v1\n`,
    },
    expected: 'pass',
    message: /5 actions in 1 workflow/,
  },
  {
    title: 'finds tags, branches and missing versions in steps, jobs and actions',
    files: {
      '.github/actions/x/action.yml': `runs:\n  using: composite\n  steps:\n${step('o/a@main')}`,
      '.github/workflows/a.yml': workflow('actions/checkout@v4', 'docker://alpine:3', '"o/b"'),
      '.github/workflows/b.yaml': 'jobs:\n  call:\n    uses: o/r/.github/workflows/c.yml@v1\n',
    },
    expected: [
      '.github/actions/x/action.yml:4',
      '.github/workflows/a.yml:6',
      '.github/workflows/a.yml:7',
      '.github/workflows/a.yml:8',
      '.github/workflows/b.yaml:3',
    ],
  },
]);
