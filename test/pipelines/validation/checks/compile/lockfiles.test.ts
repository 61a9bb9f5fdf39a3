/** Tests the lock file checks with a manifest and a lock file of each package manager. */
import type { PlantedFile } from '../../planted-repository.ts';
import { type CheckCase, testCheck } from '../check-cases.ts';
import { findCheck } from './fake-tools.ts';

const json = (value: unknown): string => JSON.stringify(value, undefined, 2);

testCheck(findCheck('BLD_LOCK_PRESENT'), [
  { title: 'skips without a manifest', files: { 'a.ts': '' }, expected: 'not_applicable' },
  {
    title: 'requires no lock without dependencies',
    files: { 'package.json': '{"name":"a","peerDependencies":{"x":"1"}}' },
    expected: 'not_applicable',
  },
  {
    title: 'requires no lock if .npmrc disables it',
    files: { 'package.json': '{"name":"a","dependencies":{"x":"1"}}', '.npmrc': 'package-lock = false\n' },
    expected: 'not_applicable',
  },
  {
    title: 'requires no lock for a Rust library',
    files: { 'Cargo.toml': '[package]\nname="a"\n[dependencies]\nx="1"\n', 'src/lib.rs': '' },
    expected: 'not_applicable',
  },
  {
    title: 'accepts the lock of the workspace for its members',
    files: {
      'package.json': '{"name":"a","workspaces":["p/*"]}',
      'p/b/package.json': '{"name":"b","dependencies":{"x":"1"}}',
      'yarn.lock': '# yarn lockfile v1\n',
    },
    expected: 'pass',
    message: /^1 lock file: yarn\.lock/,
  },
  {
    title: 'accepts a requirements file with pinned versions',
    files: { 'requirements.txt': 'a==1.0\nb[x]==2.1 ; python_version>"3"\n' },
    expected: 'pass',
  },
  {
    title: 'reports projects without a lock',
    files: {
      'package.json': '{"name":"a","dependencies":{"x":"1"}}',
      'requirements.txt': 'a>=1.0\n',
      'Cargo.toml': '[package]\nname="a"\n[dependencies]\nx="1"\n',
      'src/main.rs': '',
      'go.mod': 'module a\nrequire b v1.0.0\n',
    },
    expected: ['package.json', 'requirements.txt', 'Cargo.toml', 'go.mod'],
    message: /Missing package-lock\.json\./,
  },
  {
    title: 'reports a lock that is not committed',
    files: {
      'package.json': '{"name":"a","dependencies":{"x":"1"}}',
      '.gitignore': 'package-lock.json\n',
      'package-lock.json': '{}',
    },
    expected: ['package.json'],
    message: /package-lock\.json exists but is not committed/,
  },
]);

interface LockCase {
  readonly manager: string;
  readonly files: Readonly<Record<string, PlantedFile>>;
  /** Files that make the lock outdated. */
  readonly stale: Readonly<Record<string, PlantedFile>>;
  /** Locations of the differences. */
  readonly expected: readonly string[];
  readonly message: RegExp;
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

const lockCases: readonly LockCase[] = [
  {
    manager: 'npm',
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
    expected: ['package.json:5', 'package.json:6'],
    message: /“x” is required as \^2\.0\.0 but locked for \^1\.0\.0/,
  },
  {
    manager: 'npm, version 1',
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
    expected: ['package.json:5', 'package.json:6'],
    message: /“x” is required as \^2\.0\.0 but locked as 1\.2\.0/,
  },
  {
    manager: 'npm workspaces',
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
    expected: ['p/b/package.json'],
    message: /“x” is locked but no longer required \(package-lock\.json\)/,
  },
  {
    manager: 'pnpm',
    files: {
      'package.json': nodeManifest,
      'pnpm-lock.yaml':
        "lockfileVersion: '9.0'\n\nimporters:\n\n  .:\n    dependencies:\n      x:\n        specifier: ^1.0.0\n        version: 1.2.0\n      z:\n        specifier: '*'\n        version: 3.0.0\n    devDependencies:\n      '@s/y':\n        specifier: ~2.1.0\n        version: 2.1.4\n\npackages:\n\n  x@1.2.0:\n    resolution: {integrity: sha512-aa}\n",
    },
    stale: { 'package.json': nodeStale },
    expected: ['package.json:5', 'package.json:6'],
    message: /“new” is required but not locked/,
  },
  {
    manager: 'yarn, version 1',
    files: {
      'package.json': nodeManifest,
      'yarn.lock':
        '# THIS IS AN AUTOGENERATED FILE. DO NOT EDIT THIS FILE DIRECTLY.\n# yarn lockfile v1\n\n\n"@s/y@~2.1.0":\n  version "2.1.4"\n  resolved "https://r.example/y.tgz#aa"\n\nx@^1.0.0, x@^1.1.0:\n  version "1.2.0"\n',
    },
    stale: { 'package.json': nodeStale },
    expected: ['package.json:5', 'package.json:6'],
    message: /“x@\^2\.0\.0” is required but not locked \(yarn\.lock\)/,
  },
  {
    manager: 'yarn, later',
    files: {
      'package.json': nodeManifest,
      'yarn.lock':
        '__metadata:\n  version: 8\n\n"@s/y@npm:~2.1.0":\n  version: 2.1.4\n  resolution: "@s/y@npm:2.1.4"\n\n"a@workspace:.":\n  version: 0.0.0-use.local\n  resolution: "a@workspace:."\n  dependencies:\n    "@s/y": "npm:~2.1.0"\n    x: "npm:^1.0.0"\n  peerDependencies:\n    z: "*"\n  languageName: unknown\n',
    },
    stale: { 'package.json': nodeStale },
    expected: ['package.json:5', 'package.json:6'],
    message: /“x” is required as \^2\.0\.0 but locked for npm:\^1\.0\.0/,
  },
  {
    manager: 'bun',
    files: {
      'package.json': nodeManifest,
      'bun.lock':
        '{\n  "lockfileVersion": 1,\n  "workspaces": {\n    "": {\n      "name": "a",\n      "dependencies": {"x": "^1.0.0"},\n      "devDependencies": {"@s/y": "~2.1.0"},\n      "peerDependencies": {"z": "*"},\n    },\n  },\n  "packages": {\n    "x": ["x@1.2.0", "", {}, "sha512-aa"],\n  },\n}\n',
    },
    stale: { 'package.json': nodeStale },
    expected: ['package.json:5', 'package.json:6'],
    message: /\(bun\.lock\)/,
  },
  {
    manager: 'uv',
    files: {
      'pyproject.toml':
        '[project]\nname = "a"\ndependencies = [\n  "Some.Thing>=1,<2",\n]\n[dependency-groups]\ndev = ["extra"]\n',
      'uv.lock':
        'version = 1\n\n[[package]]\nname = "some-thing"\nversion = "1.4"\nsource = { registry = "https://r.example" }\n',
    },
    stale: { 'pyproject.toml': '[project]\nname = "a"\ndependencies = [\n  "Some.Thing>=2",\n  "new",\n]\n' },
    expected: ['pyproject.toml:4', 'pyproject.toml:5'],
    message: /“Some\.Thing” is required as >=2 but locked as 1\.4/,
  },
  {
    manager: 'poetry',
    files: {
      'pyproject.toml':
        '[tool.poetry]\nname = "a"\n[tool.poetry.dependencies]\npython = "^3.9"\nx = "^1.2"\ny = {version = "~2.0", optional = true}\n',
      'poetry.lock': '[[package]]\nname = "x"\nversion = "1.4.1"\n\n[metadata]\nlock-version = "2.0"\n',
    },
    stale: { 'pyproject.toml': '[tool.poetry]\nname = "a"\n[tool.poetry.dependencies]\npython = "^3.9"\nx = "^2.0"\n' },
    expected: ['pyproject.toml:5'],
    message: /“x” is required as \^2\.0 but locked as 1\.4\.1/,
  },
  {
    manager: 'pipenv',
    files: {
      Pipfile: '[packages]\nx = "*"\n',
      'Pipfile.lock': json({ default: { x: { version: '==1.0' } } }),
    },
    stale: { Pipfile: '[packages]\nx = "*"\ny = "*"\n' },
    expected: ['Pipfile:3'],
    message: /“y” is required but not locked/,
  },
  {
    manager: 'cargo, in a workspace',
    files: {
      'Cargo.toml': '[workspace]\nmembers = ["m"]\n[workspace.dependencies]\nshared = "0.3"\n',
      'm/Cargo.toml':
        '[package]\nname = "m"\n[dependencies]\nx = { version = "1.2", package = "real-x" }\nshared = { workspace = true }\nnear = { path = "../near" }\n[target.\'cfg(unix)\'.dependencies]\ny = ">=1, <3"\n',
      'Cargo.lock': ['m 0.1.0', 'real-x 1.9.0', 'shared 0.3.7', 'near 0.1.0', 'y 2.0.0']
        .map((entry) => `[[package]]\nname = "${entry.split(' ')[0]}"\nversion = "${entry.split(' ')[1]}"\n`)
        .join('\n'),
    },
    stale: { 'm/Cargo.toml': '[package]\nname = "m"\n[dependencies]\nshared = "0.4"\nnew = "1"\n' },
    expected: ['m/Cargo.toml:4', 'm/Cargo.toml:5'],
    message: /“shared” is required as 0\.4 but locked as 0\.3\.7/,
  },
  {
    manager: 'go',
    files: {
      'go.mod':
        'module a\n\ngo 1.22\n\nrequire (\n\tx.example/x v1.0.0\n\ty.example/y v1.1.0 // indirect\n\tz.example/z v1.0.0\n)\n\nreplace z.example/z => ../z\n',
      'go.sum': 'x.example/x v1.0.0 h1:aa=\nx.example/x v1.0.0/go.mod h1:bb=\ny.example/y v1.1.0/go.mod h1:cc=\n',
    },
    stale: { 'go.mod': 'module a\n\nrequire x.example/x v1.2.0\n' },
    expected: ['go.mod:3'],
    message: /“x\.example\/x v1\.2\.0” is required but has no hash/,
  },
];

const cases: CheckCase[] = lockCases.flatMap(({ manager, files, stale, expected, message }) => [
  { title: `passes an up-to-date lock of ${manager}`, files, expected: 'pass' },
  { title: `reports differences from a lock of ${manager}`, files: { ...files, ...stale }, expected, message },
]);

testCheck(findCheck('BLD_LOCK_FRESH'), [
  { title: 'skips without a lock', files: { 'package.json': nodeManifest }, expected: 'not_applicable' },
  {
    title: 'skips a binary lock',
    files: { 'package.json': nodeManifest, 'bun.lockb': new Uint8Array([1, 0]) },
    expected: 'not_applicable',
    message: /binary/,
  },
  {
    title: 'reports a lock that does not parse',
    files: { 'package.json': nodeManifest, 'package-lock.json': '{"a": ' },
    expected: ['package-lock.json'],
    message: /^Could not read package-lock\.json/,
  },
  {
    title: 'does not judge a lock beside no manifest, which npm creates if it is started in a wrong folder',
    files: {
      'package-lock.json': json({ lockfileVersion: 2, packages: {} }),
      'web/package.json': json({ name: 'b', dependencies: { x: '^1.0.0' } }),
    },
    expected: 'not_applicable',
    message: /^No project has a lock file/,
  },
  {
    title: 'does not judge a lock that was left in a member of a workspace with its own lock',
    files: {
      'package.json': json({ name: 'a', private: true }),
      'pnpm-workspace.yaml': 'packages:\n  - part\n  - other/*\n',
      'pnpm-lock.yaml':
        "lockfileVersion: '9.0'\n\nimporters:\n\n  .: {}\n\n  part:\n    dependencies:\n      x:\n        specifier: ^1.0.0\n        version: 1.0.0\n",
      'part/package.json': json({ name: 'part', dependencies: { x: '^1.0.0' } }),
      'part/pnpm-lock.yaml':
        "lockfileVersion: '9.0'\n\nimporters:\n\n  .:\n    dependencies:\n      y:\n        specifier: ^1.0.0\n        version: 1.0.0\n",
    },
    expected: 'pass',
    message: /^pnpm-lock\.yaml/,
  },
  {
    title: 'judges the lock of a member if the workspace has none',
    files: {
      'package.json': json({ name: 'a', private: true, workspaces: ['part'] }),
      'part/package.json': json({ name: 'part', dependencies: { x: '^1.0.0' } }),
      'part/package-lock.json': json({ name: 'part', lockfileVersion: 3, packages: { '': { name: 'part' } } }),
    },
    expected: ['part/package.json:4'],
    message: /“x” is required but not locked/,
  },
  {
    title: 'accepts requirements that the root overrides',
    files: {
      'package.json': json({ name: 'a', dependencies: { x: '^1.0.0' }, pnpm: { overrides: { x: '2.0.0' } } }),
      'pnpm-lock.yaml':
        "lockfileVersion: '9.0'\n\noverrides:\n  x: 2.0.0\n\nimporters:\n\n  .:\n    dependencies:\n      x:\n        specifier: 2.0.0\n        version: 2.0.0\n",
    },
    expected: 'pass',
  },
  ...cases,
]);
