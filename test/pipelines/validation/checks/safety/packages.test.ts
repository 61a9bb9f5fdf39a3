/** Tests the checks of lock files, manifests, licenses, install scripts and advisories for all package managers. */
import { advisories } from '../../../../../src/pipelines/validation/checks/safety/packages/advisories.ts';
import { installScripts } from '../../../../../src/pipelines/validation/checks/safety/packages/install-scripts.ts';
import { integrity } from '../../../../../src/pipelines/validation/checks/safety/packages/integrity.ts';
import { licenses } from '../../../../../src/pipelines/validation/checks/safety/packages/licenses.ts';
import { pinned } from '../../../../../src/pipelines/validation/checks/safety/packages/pinned.ts';
import { commit, samples, sha512 } from '../../locks/samples.ts';
import type { PlantedFile } from '../../planted-repository.ts';
import { testCheck } from '../check-cases.ts';

const sample = (what: string): string => samples.find((candidate) => candidate.what === what)?.text ?? '';

type Package = Readonly<Record<string, unknown>>;

/** Returns a package-lock.json with one package per line, starting at line 4 with the root. */
const npmLock = (packages: Readonly<Record<string, Package>>): string =>
  [
    '{',
    '  "lockfileVersion": 3,',
    '  "packages": {',
    [['', { name: 'planted' }] as const, ...Object.entries(packages)]
      .map(([path, entry]) => `    "${path}": ${JSON.stringify(entry)}`)
      .join(',\n'),
    '  }',
    '}',
  ].join('\n');

const registry = 'https://registry.npmjs.org/left/-/left-1.0.0.tgz';
const validEntry = { version: '1.0.0', resolved: registry, integrity: sha512 };
const entryFrom = (resolved: string): Package => ({ version: '1.0.0', resolved, integrity: sha512 });
const validEntries = { 'node_modules/a': validEntry, 'node_modules/b': validEntry, 'node_modules/c': validEntry };

testCheck(integrity, [
  { title: 'skips without a lock file', files: { 'a.txt': 'a' }, expected: 'not_applicable', message: /No lock file/ },
  {
    title: 'skips and names lock files that cannot be read',
    files: { 'bun.lockb': 'x' },
    expected: 'not_applicable',
    message: /bun\.lockb: its format is binary/,
  },
  {
    title: 'accepts valid lock files of all kinds',
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
    expected: 'pass',
    message: /10 lock files/,
  },
  {
    title: 'finds entries without a hash',
    files: {
      'a/yarn.lock': sample('yarn 1'),
      'b/poetry.lock': sample('poetry 1'),
      'c/requirements.txt': sample('requirements with hashes'),
      'd/go.sum': 'example.org/a v1.0.0 h1:short=\n',
      'e/Cargo.lock': sample('Cargo 4').replace(/checksum = .*\n/, ''),
    },
    expected: ['a/yarn.lock:12', 'b/poetry.lock:6', 'c/requirements.txt:6', 'd/go.sum:1', 'e/Cargo.lock:4'],
    message: /left 1\.2\.3 has no hash/,
  },
  {
    title: 'finds git without a commit, HTTP, and unknown hosts',
    files: {
      'package-lock.json': npmLock({
        ...validEntries,
        'node_modules/d': { version: '1.0.0', resolved: 'git+ssh://git@github.com/o/d.git#main' },
        'node_modules/e': entryFrom('http://registry.npmjs.org/e/-/e-1.0.0.tgz'),
        'node_modules/f': entryFrom('https://evil.example.org/f/-/f-1.0.0.tgz'),
      }),
    },
    expected: ['package-lock.json:8', 'package-lock.json:9', 'package-lock.json:10'],
    message: /f 1\.0\.0 comes from evil\.example\.org/,
  },
  {
    title: 'accepts configured hosts, the mirror of a lock file, and localhost',
    files: {
      'a/package-lock.json': npmLock({ ...validEntries, 'node_modules/d': entryFrom('https://npm.acme.io/d.tgz') }),
      'a/.npmrc': '@acme:registry=https://npm.acme.io/\n',
      'b/package-lock.json': npmLock({ 'node_modules/d': entryFrom('https://mirror.acme.io/d.tgz') }),
      'c/package-lock.json': npmLock({ 'node_modules/d': entryFrom('http://localhost:4873/d.tgz') }),
    },
    expected: 'pass',
  },
  {
    title: 'accepts optional packages of other platforms without a hash',
    files: {
      'package-lock.json': npmLock({ ...validEntries, 'node_modules/@x/darwin': { version: '1.0.0', optional: true } }),
    },
    expected: 'pass',
  },
]);

const packageJson = (dependencies: Readonly<Record<string, string>>): string =>
  JSON.stringify({ name: 'planted', dependencies }, null, 2);

testCheck(pinned, [
  {
    title: 'accepts any version of packages that are in this workspace',
    files: {
      'package.json': '{"name":"r","private":true,"workspaces":["packages/*"]}',
      'packages/a/package.json': '{"name":"@r/a","version":"1.0.0"}',
      'packages/b/package.json':
        '{"name":"@r/b","dependencies":{"@r/a":"*"},"devDependencies":{"@r/c":"latest","@x/none":"*"}}',
      'tools/c/package.json': '{"name":"@r/c"}',
    },
    expected: ['packages/b/package.json:1'],
    message: /@x\/none \(\*\) allows any version/,
  },
  { title: 'skips without a manifest', files: { 'a.txt': 'a' }, expected: 'not_applicable' },
  {
    title: 'accepts ranges, workspaces, commits and paths inside the workspace',
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
      'test/fixtures/p/package.json': packageJson({ a: '*' }),
    },
    expected: 'pass',
    message: /\b19 dependencies\b/,
  },
  {
    title: 'finds dependencies without a version and mutable sources',
    files: {
      'Cargo.toml':
        '[package]\nname = "p"\nversion = "0.1.0"\n[dependencies]\na = "*"\n[target."cfg(unix)".dev-dependencies]\nb = { git = "https://x.org/b", branch = "main" }\n',
      'go.mod': 'module example.org/m\nrequire example.org/a v1.0.0\nreplace example.org/a => ../a\n',
      'package.json': packageJson({
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
    expected: [
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

const entryWithLicense = (license: unknown, more: Package = {}): Package => ({ ...validEntry, license, ...more });
const packageJsonWithLicense = (license: string): string => JSON.stringify({ name: 'planted', license });

testCheck(licenses, [
  { title: 'skips without a lock file', files: { 'a.txt': 'a' }, expected: 'not_applicable' },
  {
    title: 'skips without license information',
    files: { 'go.sum': sample('go.sum') },
    expected: 'not_applicable',
    message: /No license information for 1 package/,
  },
  {
    title: 'accepts permissive licenses, alternatives, exceptions, and copyleft for development',
    files: {
      'package-lock.json': npmLock({
        'node_modules/a': entryWithLicense('MIT'),
        'node_modules/b': entryWithLicense('(GPL-3.0-only OR MIT)'),
        'node_modules/c': entryWithLicense('GPL-2.0-only WITH Classpath-exception-2.0'),
        'node_modules/d': entryWithLicense('GPL-3.0-or-later', { dev: true }),
        'node_modules/e': entryWithLicense('SEE LICENSE IN FILE'),
        'node_modules/f': validEntry,
      }),
    },
    expected: 'pass',
    message: /5 packages.*1 unknown \(SEE LICENSE IN FILE\), 1 without license information/,
  },
  {
    title: 'finds copyleft and restrictive licenses',
    files: {
      'package-lock.json': npmLock({
        'node_modules/a': entryWithLicense('GPL-3.0-only'),
        'node_modules/b': entryWithLicense('(MIT AND AGPL-3.0-or-later)', { dev: true }),
        'node_modules/c': entryWithLicense('UNLICENSED'),
        'node_modules/d': entryWithLicense('BUSL-1.1'),
        'node_modules/e': entryWithLicense('ISC'),
      }),
    },
    expected: [5, 6, 7, 8].map((line) => `package-lock.json:${line}`),
    message: /a 1\.0\.0 is licensed under GPL-3\.0-only/,
  },
  {
    title: 'accepts copyleft in a copyleft project',
    files: {
      'package.json': packageJsonWithLicense('GPL-3.0-only'),
      'package-lock.json': npmLock({ 'node_modules/a': entryWithLicense('AGPL-3.0-only') }),
    },
    expected: 'pass',
  },
  {
    title: 'reads installed packages if the lock file has no licenses',
    files: {
      'package-lock.json': npmLock({ 'node_modules/a': validEntry }),
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
    expected: ['package-lock.json:5', 'py/uv.lock:13'],
  },
]);

const lockWithScript = npmLock({
  'node_modules/a': { ...validEntry, hasInstallScript: true },
  'node_modules/b': validEntry,
});
const installedPackage: Readonly<Record<string, PlantedFile>> = {
  'node_modules/@scope/right/package.json': JSON.stringify({ version: '2.0.1', scripts: { postinstall: 'node x.js' } }),
};

testCheck(installScripts, [
  { title: 'skips without a Node lock file', files: { 'go.sum': sample('go.sum') }, expected: 'not_applicable' },
  {
    title: 'skips without script information',
    files: { 'yarn.lock': sample('yarn 1') },
    expected: 'not_applicable',
    message: /^No script information in yarn\.lock or in installed packages\.$/,
  },
  {
    title: 'skips if all packages are in the workspace',
    files: { 'package-lock.json': npmLock({ 'packages/a': { version: '1.0.0' } }) },
    expected: 'not_applicable',
    message: /^No lock file has packages from outside the workspace\.$/,
  },
  {
    title: 'finds scripts in package-lock.json',
    files: { 'package-lock.json': lockWithScript },
    expected: ['package-lock.json:5'],
    message: /a 1\.0\.0 runs/,
  },
  {
    title: 'finds scripts in pnpm-lock.yaml',
    files: { 'pnpm-lock.yaml': sample('pnpm 5') },
    expected: ['pnpm-lock.yaml:11'],
  },
  {
    title: 'finds scripts of installed packages',
    files: { 'yarn.lock': sample('yarn 1'), '.gitignore': 'node_modules\n' },
    options: { untracked: installedPackage },
    expected: ['yarn.lock:5'],
  },
  {
    title: 'accepts allowed scripts, and package managers that run none',
    files: {
      'a/package-lock.json': lockWithScript,
      'a/package.json': JSON.stringify({ lavamoat: { allowScripts: { a: true } } }),
      'b/package-lock.json': lockWithScript,
      'b/.npmrc': 'ignore-scripts=true\n',
      'c/bun.lock': sample('bun'),
      'd/pnpm-lock.yaml': sample('pnpm 5'),
      'd/pnpm-workspace.yaml': "onlyBuiltDependencies:\n  - '@scope/right'\n",
    },
    expected: 'pass',
  },
]);

/** Returns a fake osv-scanner 2 that checks its arguments and prints a report. */
const fakeScanner = (results: unknown): PlantedFile => ({
  run: `#!/bin/sh\n[ "$*" = "scan --offline --format json --lockfile go.sum" ] || exit 9\necho '${JSON.stringify({ results })}'\nexit 1\n`,
});
const vulnerability = {
  packages: [
    {
      package: { name: 'example.org/left', version: '1.2.3', ecosystem: 'Go' },
      vulnerabilities: [{ id: 'GO-2026-0001', summary: 'left is wrong' }],
    },
  ],
};
const database = { 'osv-scanner/Go/all.zip': 'zip' };

describe('SAF_ADVISORIES with a local database', () => {
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

  testCheck(advisories, [
    { title: 'skips without a lock file', files: { 'a.txt': 'a' }, expected: 'not_applicable' },
    {
      title: 'skips without a database',
      files: { 'go.sum': goSum, 'bin/osv-scanner': fakeScanner([vulnerability]) },
      arrange: machine('/nowhere'),
      expected: 'tool_missing',
      message: /no local vulnerability database/,
    },
    {
      title: 'skips with a reason if the scanner prints no report',
      files: { 'go.sum': goSum, 'bin/osv-scanner': { run: '#!/bin/sh\necho broken\nexit 127\n' }, ...database },
      arrange: machine(),
      expected: 'tool_missing',
      message: /exited with code 127 and printed no report for go\.sum/,
    },
    {
      title: 'passes without known vulnerabilities',
      files: { 'go.sum': goSum, 'bin/osv-scanner': fakeScanner([]), ...database },
      arrange: machine(),
      expected: 'pass',
    },
    {
      title: 'finds known vulnerabilities',
      files: { 'go.sum': goSum, 'bin/osv-scanner': fakeScanner([vulnerability]), ...database },
      arrange: machine(),
      expected: ['go.sum:1'],
      message: /example\.org\/left 1\.2\.3: GO-2026-0001 left is wrong/,
    },
  ]);
});
