/** Checks of locks on planted repositories, a manifest and its lock of each package manager. */
import type { Planted } from '../../planted-repository.ts';
import { type Case, casesOf } from '../check-cases.ts';
import { checkOf } from './fake-tools.ts';

const json = (value: unknown): string => JSON.stringify(value, undefined, 2);

casesOf(checkOf('BLD_LOCK_PRESENT'), [
  { what: 'has nothing to say without a manifest', files: { 'a.ts': '' }, found: 'not_applicable' },
  {
    what: 'asks for none where nothing is needed',
    files: { 'package.json': '{"name":"a","peerDependencies":{"x":"1"}}' },
    found: 'not_applicable',
  },
  {
    what: 'asks for none where a library wants none',
    files: { 'package.json': '{"name":"a","dependencies":{"x":"1"}}', '.npmrc': 'package-lock = false\n' },
    found: 'not_applicable',
  },
  {
    what: 'asks for none of a library in Rust',
    files: { 'Cargo.toml': '[package]\nname="a"\n[dependencies]\nx="1"\n', 'src/lib.rs': '' },
    found: 'not_applicable',
  },
  {
    what: 'takes the lock of the workspace for its members',
    files: {
      'package.json': '{"name":"a","workspaces":["p/*"]}',
      'p/b/package.json': '{"name":"b","dependencies":{"x":"1"}}',
      'yarn.lock': '# yarn lockfile v1\n',
    },
    found: 'pass',
    says: /^1 lock: yarn\.lock/,
  },
  {
    what: 'takes a list of fixed versions',
    files: { 'requirements.txt': 'a==1.0\nb[x]==2.1 ; python_version>"3"\n' },
    found: 'pass',
  },
  {
    what: 'finds projects without a lock',
    files: {
      'package.json': '{"name":"a","dependencies":{"x":"1"}}',
      'requirements.txt': 'a>=1.0\n',
      'Cargo.toml': '[package]\nname="a"\n[dependencies]\nx="1"\n',
      'src/main.rs': '',
      'go.mod': 'module a\nrequire b v1.0.0\n',
    },
    found: ['package.json', 'requirements.txt', 'Cargo.toml', 'go.mod'],
    says: /There is no package-lock\.json beside it/,
  },
  {
    what: 'tells a lock that is not committed',
    files: {
      'package.json': '{"name":"a","dependencies":{"x":"1"}}',
      '.gitignore': 'package-lock.json\n',
      'package-lock.json': '{}',
    },
    found: ['package.json'],
    says: /is there and not committed/,
  },
]);

interface Pair {
  readonly what: string;
  readonly files: Readonly<Record<string, Planted>>;
  /** What is put in its place, and where the difference is found. */
  readonly stale: Readonly<Record<string, Planted>>;
  readonly found: readonly string[];
  readonly says: RegExp;
}

const nodeManifest = json({
  name: 'a',
  version: '1.0.0',
  dependencies: { x: '^1.0.0' },
  devDependencies: { '@s/y': '~2.1.0' },
  peerDependencies: { z: '*' },
});
const nodeStale = json({
  name: 'a',
  version: '1.0.0',
  dependencies: { x: '^2.0.0', new: '1.0.0' },
  devDependencies: { '@s/y': '~2.1.0' },
  peerDependencies: { z: '*' },
});

const pairs: readonly Pair[] = [
  {
    what: 'npm',
    files: {
      'package.json': nodeManifest,
      'package-lock.json': json({
        name: 'a',
        lockfileVersion: 3,
        packages: {
          '': {
            name: 'a',
            dependencies: { x: '^1.0.0' },
            devDependencies: { '@s/y': '~2.1.0' },
            peerDependencies: { z: '*' },
          },
          'node_modules/x': { version: '1.2.0' },
        },
      }),
    },
    stale: { 'package.json': nodeStale },
    found: ['package.json:5', 'package.json:6'],
    says: /“x” is asked for as \^2\.0\.0 and locked for \^1\.0\.0/,
  },
  {
    what: 'npm, version 1',
    files: {
      'package.json': nodeManifest,
      'package-lock.json': json({
        name: 'a',
        lockfileVersion: 1,
        dependencies: {
          x: { version: '1.2.0', dependencies: { new: { version: '1.0.0' } } },
          '@s/y': { version: '2.1.4' },
        },
      }),
    },
    stale: { 'package.json': nodeStale },
    found: ['package.json:5', 'package.json:6'],
    says: /“x” is asked for as \^2\.0\.0 and locked as 1\.2\.0/,
  },
  {
    what: 'npm workspaces',
    files: {
      'package.json': json({ name: 'a', workspaces: ['p/*'] }),
      'p/b/package.json': json({ name: 'b', dependencies: { x: '1' } }),
      'package-lock.json': json({
        name: 'a',
        lockfileVersion: 3,
        packages: {
          '': { name: 'a', workspaces: ['p/*'] },
          'node_modules/b': { resolved: 'p/b', link: true },
          'p/b': { name: 'b', dependencies: { x: '1' } },
          'node_modules/x': { version: '1.0.0' },
        },
      }),
    },
    stale: { 'p/b/package.json': json({ name: 'b' }) },
    found: ['p/b/package.json'],
    says: /“x” is locked and no longer asked for \(package-lock\.json\)/,
  },
  {
    what: 'pnpm',
    files: {
      'package.json': nodeManifest,
      'pnpm-lock.yaml':
        "lockfileVersion: '9.0'\n\nimporters:\n\n  .:\n    dependencies:\n      x:\n        specifier: ^1.0.0\n        version: 1.2.0\n      z:\n        specifier: '*'\n        version: 3.0.0\n    devDependencies:\n      '@s/y':\n        specifier: ~2.1.0\n        version: 2.1.4\n\npackages:\n\n  x@1.2.0:\n    resolution: {integrity: sha512-aa}\n",
    },
    stale: { 'package.json': nodeStale },
    found: ['package.json:5', 'package.json:6'],
    says: /“new” is asked for and not locked/,
  },
  {
    what: 'yarn, version 1',
    files: {
      'package.json': nodeManifest,
      'yarn.lock':
        '# THIS IS AN AUTOGENERATED FILE. DO NOT EDIT THIS FILE DIRECTLY.\n# yarn lockfile v1\n\n\n"@s/y@~2.1.0":\n  version "2.1.4"\n  resolved "https://r.example/y.tgz#aa"\n\nx@^1.0.0, x@^1.1.0:\n  version "1.2.0"\n',
    },
    stale: { 'package.json': nodeStale },
    found: ['package.json:5', 'package.json:6'],
    says: /“x@\^2\.0\.0” is asked for and not locked \(yarn\.lock\)/,
  },
  {
    what: 'yarn, later',
    files: {
      'package.json': nodeManifest,
      'yarn.lock':
        '__metadata:\n  version: 8\n\n"@s/y@npm:~2.1.0":\n  version: 2.1.4\n  resolution: "@s/y@npm:2.1.4"\n\n"a@workspace:.":\n  version: 0.0.0-use.local\n  resolution: "a@workspace:."\n  dependencies:\n    "@s/y": "npm:~2.1.0"\n    x: "npm:^1.0.0"\n  peerDependencies:\n    z: "*"\n  languageName: unknown\n',
    },
    stale: { 'package.json': nodeStale },
    found: ['package.json:5', 'package.json:6'],
    says: /“x” is asked for as \^2\.0\.0 and locked for npm:\^1\.0\.0/,
  },
  {
    what: 'bun',
    files: {
      'package.json': nodeManifest,
      'bun.lock':
        '{\n  "lockfileVersion": 1,\n  "workspaces": {\n    "": {\n      "name": "a",\n      "dependencies": {"x": "^1.0.0"},\n      "devDependencies": {"@s/y": "~2.1.0"},\n      "peerDependencies": {"z": "*"},\n    },\n  },\n  "packages": {\n    "x": ["x@1.2.0", "", {}, "sha512-aa"],\n  },\n}\n',
    },
    stale: { 'package.json': nodeStale },
    found: ['package.json:5', 'package.json:6'],
    says: /\(bun\.lock\)/,
  },
  {
    what: 'uv',
    files: {
      'pyproject.toml':
        '[project]\nname = "a"\ndependencies = [\n  "Some.Thing>=1,<2",\n]\n[dependency-groups]\ndev = ["extra"]\n',
      'uv.lock':
        'version = 1\n\n[[package]]\nname = "some-thing"\nversion = "1.4"\nsource = { registry = "https://r.example" }\n',
    },
    stale: { 'pyproject.toml': '[project]\nname = "a"\ndependencies = [\n  "Some.Thing>=2",\n  "new",\n]\n' },
    found: ['pyproject.toml:4', 'pyproject.toml:5'],
    says: /“Some\.Thing” is asked for as >=2 and locked as 1\.4/,
  },
  {
    what: 'poetry',
    files: {
      'pyproject.toml':
        '[tool.poetry]\nname = "a"\n[tool.poetry.dependencies]\npython = "^3.9"\nx = "^1.2"\ny = {version = "~2.0", optional = true}\n',
      'poetry.lock': '[[package]]\nname = "x"\nversion = "1.4.1"\n\n[metadata]\nlock-version = "2.0"\n',
    },
    stale: { 'pyproject.toml': '[tool.poetry]\nname = "a"\n[tool.poetry.dependencies]\npython = "^3.9"\nx = "^2.0"\n' },
    found: ['pyproject.toml:5'],
    says: /“x” is asked for as \^2\.0 and locked as 1\.4\.1/,
  },
  {
    what: 'pipenv',
    files: {
      Pipfile: '[packages]\nx = "*"\n',
      'Pipfile.lock': json({ default: { x: { version: '==1.0' } } }),
    },
    stale: { Pipfile: '[packages]\nx = "*"\ny = "*"\n' },
    found: ['Pipfile:3'],
    says: /“y” is asked for and not locked/,
  },
  {
    what: 'cargo, in a workspace',
    files: {
      'Cargo.toml': '[workspace]\nmembers = ["m"]\n[workspace.dependencies]\nshared = "0.3"\n',
      'm/Cargo.toml':
        '[package]\nname = "m"\n[dependencies]\nx = { version = "1.2", package = "real-x" }\nshared = { workspace = true }\nnear = { path = "../near" }\n[target.\'cfg(unix)\'.dependencies]\ny = ">=1, <3"\n',
      'Cargo.lock': ['m 0.1.0', 'real-x 1.9.0', 'shared 0.3.7', 'near 0.1.0', 'y 2.0.0']
        .map((one) => `[[package]]\nname = "${one.split(' ')[0]}"\nversion = "${one.split(' ')[1]}"\n`)
        .join('\n'),
    },
    stale: { 'm/Cargo.toml': '[package]\nname = "m"\n[dependencies]\nshared = "0.4"\nnew = "1"\n' },
    found: ['m/Cargo.toml:4', 'm/Cargo.toml:5'],
    says: /“shared” is asked for as 0\.4 and locked as 0\.3\.7/,
  },
  {
    what: 'go',
    files: {
      'go.mod':
        'module a\n\ngo 1.22\n\nrequire (\n\tx.example/x v1.0.0\n\ty.example/y v1.1.0 // indirect\n\tz.example/z v1.0.0\n)\n\nreplace z.example/z => ../z\n',
      'go.sum': 'x.example/x v1.0.0 h1:aa=\nx.example/x v1.0.0/go.mod h1:bb=\ny.example/y v1.1.0/go.mod h1:cc=\n',
    },
    stale: { 'go.mod': 'module a\n\nrequire x.example/x v1.2.0\n' },
    found: ['go.mod:3'],
    says: /“x\.example\/x v1\.2\.0” is required and has no hash/,
  },
];

const cases: Case[] = pairs.flatMap(({ what, files, stale, found, says }) => [
  { what: `takes a lock of ${what} that is up to date`, files, found: 'pass' },
  { what: `finds what a lock of ${what} does not answer`, files: { ...files, ...stale }, found, says },
]);

casesOf(checkOf('BLD_LOCK_FRESH'), [
  { what: 'has nothing to say without a lock', files: { 'package.json': nodeManifest }, found: 'not_applicable' },
  {
    what: 'has nothing to say of a lock that is binary',
    files: { 'package.json': nodeManifest, 'bun.lockb': new Uint8Array([1, 0]) },
    found: 'not_applicable',
    says: /binary/,
  },
  {
    what: 'finds a lock that is broken',
    files: { 'package.json': nodeManifest, 'package-lock.json': '{"a": ' },
    found: ['package-lock.json'],
    says: /cannot be read/,
  },
  {
    what: 'takes wishes that the root overrides',
    files: {
      'package.json': json({ name: 'a', dependencies: { x: '^1.0.0' }, pnpm: { overrides: { x: '2.0.0' } } }),
      'pnpm-lock.yaml':
        "lockfileVersion: '9.0'\n\noverrides:\n  x: 2.0.0\n\nimporters:\n\n  .:\n    dependencies:\n      x:\n        specifier: 2.0.0\n        version: 2.0.0\n",
    },
    found: 'pass',
  },
  ...cases,
]);
