/** Files that hold secrets, and workflows that run what others can change. */
import { ciPinned } from '../../../../../src/pipelines/validation/checks/safety/packages/ci-pinned.ts';
import { secretFiles } from '../../../../../src/pipelines/validation/checks/safety/secrets/secret-files.ts';
import { commit } from '../../locks/samples.ts';
import { casesOf } from '../check-cases.ts';
import { synthetics } from './synthetic-secrets.ts';

const secret = synthetics.at(-1)?.secret ?? '';
const key = synthetics.find(({ what }) => what === 'private key')?.secret ?? '';

casesOf(secretFiles, [
  { what: 'skips where there are no files', files: {}, found: 'not_applicable' },
  {
    what: 'passes examples, settings without secrets, and keys of tests',
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
    found: 'pass',
    says: /8 files/,
  },
  {
    what: 'finds each kind',
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
    found: [
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
    what: 'finds them without git too',
    files: { id_rsa: 'x' },
    options: { git: false },
    found: ['id_rsa'],
    says: /is here/,
  },
]);

const step = (uses: string): string => `      - uses: ${uses}\n`;
const workflow = (...uses: string[]): string =>
  `on: push\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n${uses.map(step).join('')}`;

casesOf(ciPinned, [
  { what: 'skips without a workflow', files: { 'a.yml': workflow('a/b@v1') }, found: 'not_applicable' },
  {
    what: 'passes commits, places here, digests, and words that are no action',
    files: {
      '.github/workflows/a.yml': `${workflow(`actions/checkout@${commit} # v4`, './local', '$/.github/actions/own', `docker://a@sha256:${'ab'.repeat(32)}`)}      - run: |\n          uses: actions/checkout@v4\n      - uses: o/a@${commit}\n        with:\n          uses: x@v1\n# uses: a/b@v1\n`,
    },
    found: 'pass',
    says: /5 actions in 1 workflow/,
  },
  {
    what: 'finds tags, branches and nothing at all, in steps, jobs and actions',
    files: {
      '.github/actions/x/action.yml': `runs:\n  using: composite\n  steps:\n${step('o/a@main')}`,
      '.github/workflows/a.yml': workflow('actions/checkout@v4', 'docker://alpine:3', '"o/b"'),
      '.github/workflows/b.yaml': 'jobs:\n  call:\n    uses: o/r/.github/workflows/c.yml@v1\n',
    },
    found: [
      '.github/actions/x/action.yml:4',
      '.github/workflows/a.yml:6',
      '.github/workflows/a.yml:7',
      '.github/workflows/a.yml:8',
      '.github/workflows/b.yaml:3',
    ],
  },
]);
