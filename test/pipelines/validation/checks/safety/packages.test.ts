/** Locks, manifests, licences and install scripts of every package manager, right and wrong. */
import { advisories } from '../../../../../src/pipelines/validation/checks/safety/packages/advisories.ts';
import { installScripts } from '../../../../../src/pipelines/validation/checks/safety/packages/install-scripts.ts';
import { integrity } from '../../../../../src/pipelines/validation/checks/safety/packages/integrity.ts';
import { licenses } from '../../../../../src/pipelines/validation/checks/safety/packages/licenses.ts';
import { pinned } from '../../../../../src/pipelines/validation/checks/safety/packages/pinned.ts';
import { commit, samples, sha512 } from '../../locks/samples.ts';
import type { Planted } from '../../planted-repository.ts';
import { casesOf } from '../check-cases.ts';

const sample = (what: string): string => samples.find((one) => one.what === what)?.text ?? '';

type Package = Readonly<Record<string, unknown>>;

/** A package-lock.json with these packages, each in a line of its own from line 4 on. */
const npmLock = (packages: Readonly<Record<string, Package>>): string =>
  [
    '{',
    '  "lockfileVersion": 3,',
    '  "packages": {',
    [['', { name: 'planted' }] as const, ...Object.entries(packages)]
      .map(([path, one]) => `    "${path}": ${JSON.stringify(one)}`)
      .join(',\n'),
    '  }',
    '}',
  ].join('\n');

const registry = 'https://registry.npmjs.org/left/-/left-1.0.0.tgz';
const sound = { version: '1.0.0', resolved: registry, integrity: sha512 };
const at = (resolved: string): Package => ({ version: '1.0.0', resolved, integrity: sha512 });
const others = { 'node_modules/a': sound, 'node_modules/b': sound, 'node_modules/c': sound };

casesOf(integrity, [
  { what: 'skips without a lock', files: { 'a.txt': 'a' }, found: 'not_applicable', says: /no lock file/ },
  {
    what: 'skips where no lock can be read, and says which',
    files: { 'bun.lockb': 'x' },
    found: 'not_applicable',
    says: /bun\.lockb: its format is binary/,
  },
  {
    what: 'passes sound locks of all kinds',
    files: {
      'npm/package-lock.json': sample('npm 3'),
      'pnpm/pnpm-lock.yaml': sample('pnpm 9'),
      'berry/yarn.lock': sample('yarn 8'),
      'bun/bun.lock': sample('bun'),
      'uv/uv.lock': sample('uv'),
      'poetry/poetry.lock': sample('poetry 2'),
      'pipenv/Pipfile.lock': sample('Pipenv'),
      'cargo/Cargo.lock': sample('Cargo 4'),
      'old/Cargo.lock': sample('Cargo 1'),
      'go/go.sum': sample('go.sum'),
    },
    found: 'pass',
    says: /10 locks/,
  },
  {
    what: 'finds entries without a hash',
    files: {
      'a/yarn.lock': sample('yarn 1'),
      'b/poetry.lock': sample('poetry 1'),
      'c/requirements.txt': sample('requirements with hashes'),
      'd/go.sum': 'example.org/a v1.0.0 h1:short=\n',
      'e/Cargo.lock': sample('Cargo 4').replace(/checksum = .*\n/, ''),
    },
    found: ['a/yarn.lock:12', 'b/poetry.lock:6', 'c/requirements.txt:6', 'd/go.sum:1', 'e/Cargo.lock:4'],
    says: /left 1\.2\.3 has no hash/,
  },
  {
    what: 'finds git without a commit, http, and a host that nobody named',
    files: {
      'package-lock.json': npmLock({
        ...others,
        'node_modules/d': { version: '1.0.0', resolved: 'git+ssh://git@github.com/o/d.git#main' },
        'node_modules/e': at('http://registry.npmjs.org/e/-/e-1.0.0.tgz'),
        'node_modules/f': at('https://evil.example.org/f/-/f-1.0.0.tgz'),
      }),
    },
    found: ['package-lock.json:8', 'package-lock.json:9', 'package-lock.json:10'],
    says: /f 1\.0\.0 comes from evil\.example\.org/,
  },
  {
    what: 'passes a host that a setting names, the mirror that a lock was written with, and this machine',
    files: {
      'a/package-lock.json': npmLock({ ...others, 'node_modules/d': at('https://npm.acme.io/d.tgz') }),
      'a/.npmrc': '@acme:registry=https://npm.acme.io/\n',
      'b/package-lock.json': npmLock({ 'node_modules/d': at('https://mirror.acme.io/d.tgz') }),
      'c/package-lock.json': npmLock({ 'node_modules/d': at('http://localhost:4873/d.tgz') }),
    },
    found: 'pass',
  },
  {
    what: 'passes what is for another platform and was never fetched',
    files: {
      'package-lock.json': npmLock({ ...others, 'node_modules/@x/darwin': { version: '1.0.0', optional: true } }),
    },
    found: 'pass',
  },
]);

const wishes = (dependencies: Readonly<Record<string, string>>): string =>
  JSON.stringify({ name: 'planted', dependencies }, null, 2);

casesOf(pinned, [
  { what: 'skips without a manifest', files: { 'a.txt': 'a' }, found: 'not_applicable' },
  {
    what: 'passes ranges, workspaces, commits and places inside',
    files: {
      'package.json': JSON.stringify({
        dependencies: {
          a: '^1.0.0',
          b: 'workspace:*',
          c: `github:o/c#${commit}`,
          d: 'file:./packages/d',
          e: 'npm:f@^2',
          g: '>=1',
        },
        peerDependencies: { h: '*' },
      }),
      'Cargo.toml': `[package]\nname = "p"\nversion = "0.1.0"\n[dependencies]\na = "1"\nb = { path = "crates/b" }\nc = { git = "https://x.org/c", rev = "abc" }\n`,
      'go.mod': 'module example.org/m\nrequire example.org/a v1.0.0\nreplace example.org/a => ./a\n',
      'pyproject.toml': `[project]\nname = "p"\ndependencies = ["a>=1", "b", "c @ git+https://x.org/c@${commit}"]\n`,
      'requirements.txt': `a==1.0\nb===2.0 ; python_version < "3.9"\nc @ git+https://x.org/c@${commit}\n-e .\n`,
      'locked/requirements.txt': 'a>=1\n',
      'locked/uv.lock': sample('uv'),
      'test/fixtures/p/package.json': wishes({ a: '*' }),
    },
    found: 'pass',
    says: /\b19 dependencies\b/,
  },
  {
    what: 'finds what takes the newest or can change under its name',
    files: {
      'Cargo.toml':
        '[package]\nname = "p"\nversion = "0.1.0"\n[dependencies]\na = "*"\n[target."cfg(unix)".dev-dependencies]\nb = { git = "https://x.org/b", branch = "main" }\n',
      'go.mod': 'module example.org/m\nrequire example.org/a v1.0.0\nreplace example.org/a => ../a\n',
      'package.json': wishes({
        a: '*',
        b: 'latest',
        c: 'o/c#main',
        d: 'https://x.org/d.tgz',
        e: 'file:../e',
        f: '',
        g: 'git+https://x.org/g.git',
      }),
      'pyproject.toml':
        '[project]\nname = "p"\ndependencies = [\n  "c @ git+https://x.org/c@main",\n]\n[tool.poetry.dependencies]\npython = "*"\nd = "*"\n',
      'requirements.txt': 'a\nb>=1\nc==1.*\n',
    },
    found: [
      'Cargo.toml:5',
      'Cargo.toml:7',
      'go.mod:3',
      ...[4, 5, 6, 7, 8, 9, 10].map((line) => `package.json:${line}`),
      'pyproject.toml:4',
      'pyproject.toml:8',
      'requirements.txt:1',
      'requirements.txt:2',
      'requirements.txt:3',
    ],
  },
]);

const licensed = (license: unknown, more: Package = {}): Package => ({ ...sound, license, ...more });
const manifest = (license: string): string => JSON.stringify({ name: 'planted', license });

casesOf(licenses, [
  { what: 'skips without a lock', files: { 'a.txt': 'a' }, found: 'not_applicable' },
  {
    what: 'skips where neither the lock nor what is installed tells',
    files: { 'go.sum': sample('go.sum') },
    found: 'not_applicable',
    says: /tells a licence of the 1 package/,
  },
  {
    what: 'passes free licences, alternatives, exceptions, and copyleft for development alone',
    files: {
      'package-lock.json': npmLock({
        'node_modules/a': licensed('MIT'),
        'node_modules/b': licensed('(GPL-3.0-only OR MIT)'),
        'node_modules/c': licensed('GPL-2.0-only WITH Classpath-exception-2.0'),
        'node_modules/d': licensed('GPL-3.0-or-later', { dev: true }),
        'node_modules/e': licensed('SEE LICENSE IN FILE'),
        'node_modules/f': sound,
      }),
    },
    found: 'pass',
    says: /5 packages.*1 on no list \(SEE LICENSE IN FILE\), 1 without a word/,
  },
  {
    what: 'finds what binds or forbids',
    files: {
      'package-lock.json': npmLock({
        'node_modules/a': licensed('GPL-3.0-only'),
        'node_modules/b': licensed('(MIT AND AGPL-3.0-or-later)', { dev: true }),
        'node_modules/c': licensed('UNLICENSED'),
        'node_modules/d': licensed('BUSL-1.1'),
        'node_modules/e': licensed('ISC'),
      }),
    },
    found: [5, 6, 7, 8].map((line) => `package-lock.json:${line}`),
    says: /a 1\.0\.0 is under GPL-3\.0-only/,
  },
  {
    what: 'passes copyleft in a project of copyleft',
    files: {
      'package.json': manifest('GPL-3.0-only'),
      'package-lock.json': npmLock({ 'node_modules/a': licensed('AGPL-3.0-only') }),
    },
    found: 'pass',
  },
  {
    what: 'asks what is installed where the lock is silent',
    files: {
      'package-lock.json': npmLock({ 'node_modules/a': sound }),
      'py/uv.lock': sample('uv'),
      'rs/Cargo.lock': sample('Cargo 4'),
      'rs/vendor/left/Cargo.toml': '[package]\nname = "left"\nversion = "1.2.3"\nlicense = "MIT/Apache-2.0"\n',
      '.gitignore': 'node_modules\n.venv\n',
    },
    options: {
      untracked: {
        'node_modules/a/package.json': JSON.stringify({
          name: 'a',
          version: '1.0.0',
          licenses: [{ type: 'SSPL-1.0' }],
        }),
        'py/.venv/lib/python3.12/site-packages/left-1.2.3.dist-info/METADATA':
          'Metadata-Version: 2.1\nName: left\nClassifier: License :: OSI Approved :: GNU Affero General Public License v3\n\nText\n',
      },
    },
    found: ['package-lock.json:5', 'py/uv.lock:13'],
  },
]);

const scripted = npmLock({ 'node_modules/a': { ...sound, hasInstallScript: true }, 'node_modules/b': sound });
const installed: Readonly<Record<string, Planted>> = {
  'node_modules/@scope/right/package.json': JSON.stringify({ version: '2.0.1', scripts: { postinstall: 'node x.js' } }),
};

casesOf(installScripts, [
  { what: 'skips without a lock of Node', files: { 'go.sum': sample('go.sum') }, found: 'not_applicable' },
  {
    what: 'skips where a lock does not tell and nothing is installed',
    files: { 'yarn.lock': sample('yarn 1') },
    found: 'not_applicable',
    says: /yarn\.lock does not tell/,
  },
  {
    what: 'finds those that the lock names',
    files: { 'package-lock.json': scripted },
    found: ['package-lock.json:5'],
    says: /a 1\.0\.0 runs/,
  },
  { what: 'finds those of pnpm', files: { 'pnpm-lock.yaml': sample('pnpm 5') }, found: ['pnpm-lock.yaml:11'] },
  {
    what: 'finds those that are installed',
    files: { 'yarn.lock': sample('yarn 1'), '.gitignore': 'node_modules\n' },
    options: { untracked: installed },
    found: ['yarn.lock:5'],
  },
  {
    what: 'passes what is allowed by name, and managers that run none',
    files: {
      'a/package-lock.json': scripted,
      'a/package.json': JSON.stringify({ lavamoat: { allowScripts: { a: true } } }),
      'b/package-lock.json': scripted,
      'b/.npmrc': 'ignore-scripts=true\n',
      'c/bun.lock': sample('bun'),
      'd/pnpm-lock.yaml': sample('pnpm 5'),
      'd/pnpm-workspace.yaml': "onlyBuiltDependencies:\n  - '@scope/right'\n",
    },
    found: 'pass',
  },
]);

/** Stands in for the scanner: prints a report as osv-scanner 2 does, when it is asked as it should be. */
const scanner = (results: unknown): Planted => ({
  run: `#!/bin/sh\n[ "$*" = "scan --offline --format json --lockfile go.sum" ] || exit 9\necho '${JSON.stringify({ results })}'\nexit 1\n`,
});
const hole = {
  packages: [
    {
      package: { name: 'example.org/left', version: '1.2.3', ecosystem: 'Go' },
      vulnerabilities: [{ id: 'GO-2026-0001', summary: 'left is wrong' }],
    },
  ],
};
const database = { 'osv-scanner/Go/all.zip': 'zip' };

describe('SAF_ADVISORIES with what is on this machine', () => {
  const before = { path: process.env['PATH'], database: process.env['OSV_SCANNER_LOCAL_DB_CACHE_DIRECTORY'] };
  afterEach(() => {
    process.env['PATH'] = before.path;
    if (before.database === undefined) delete process.env['OSV_SCANNER_LOCAL_DB_CACHE_DIRECTORY'];
    else process.env['OSV_SCANNER_LOCAL_DB_CACHE_DIRECTORY'] = before.database;
  });
  const machine =
    (folder = '') =>
    ({ root }: { root: string }): void => {
      process.env['PATH'] = `${root}/bin:${before.path}`;
      process.env['OSV_SCANNER_LOCAL_DB_CACHE_DIRECTORY'] = `${root}${folder}`;
    };
  const goSum = sample('go.sum');

  casesOf(advisories, [
    { what: 'skips without a lock', files: { 'a.txt': 'a' }, found: 'not_applicable' },
    {
      what: 'skips without a database',
      files: { 'go.sum': goSum, 'bin/osv-scanner': scanner([hole]) },
      arrange: machine('/nowhere'),
      found: 'tool_missing',
      says: /no database/,
    },
    {
      what: 'skips, and says so, where the program gives no report',
      files: { 'go.sum': goSum, 'bin/osv-scanner': { run: '#!/bin/sh\necho broken\nexit 127\n' }, ...database },
      arrange: machine(),
      found: 'tool_missing',
      says: /ended with 127 and no report on go\.sum/,
    },
    {
      what: 'passes where nothing is known',
      files: { 'go.sum': goSum, 'bin/osv-scanner': scanner([]), ...database },
      arrange: machine(),
      found: 'pass',
    },
    {
      what: 'finds what is known',
      files: { 'go.sum': goSum, 'bin/osv-scanner': scanner([hole]), ...database },
      arrange: machine(),
      found: ['go.sum:1'],
      says: /example\.org\/left 1\.2\.3: GO-2026-0001 left is wrong/,
    },
  ]);
});
