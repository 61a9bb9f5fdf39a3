/** Tests the check that compares required and installed packages. */
import { testCheck } from '../check-cases.ts';
import { findCheck, rustProject, testCheckWith } from './fake-tools.ts';

const lock = (version: string): string =>
  JSON.stringify({
    name: 'a',
    lockfileVersion: 3,
    packages: {
      '': { name: 'a', dependencies: { x: '^1.0.0' } },
      'node_modules/x': { version },
      'node_modules/y': { version: '1.0.0', optional: true },
    },
  });
const project = {
  'package.json': '{"name":"a","dependencies":{"x":"^1.0.0"}}',
  'package-lock.json': lock('1.2.0'),
  '.gitignore': 'node_modules\n.venv\n',
};

testCheck(findCheck('BLD_DEPS_INSTALLED'), [
  { title: 'skips without a manifest', files: { 'a.ts': '' }, expected: 'not_applicable' },
  {
    title: 'skips without dependencies',
    files: { 'package.json': '{"name":"a"}' },
    expected: 'not_applicable',
  },
  {
    title: 'passes if the locked versions are installed',
    files: {
      ...project,
      'node_modules/x/package.json': '{"version":"1.2.0"}',
      'node_modules/.package-lock.json': lock('1.2.0'),
    },
    expected: 'pass',
    message: /^2 packages are installed as required/,
  },
  {
    title: 'reports that no packages are installed',
    files: project,
    expected: ['package.json'],
    message: /there is no node_modules folder/,
  },
  {
    title: 'reports a version that differs from the locked one',
    files: {
      ...project,
      'node_modules/x/package.json': '{"version":"1.1.0"}',
      'node_modules/.package-lock.json': lock('1.1.0'),
    },
    expected: ['package-lock.json:1'],
    message: /locked as 1\.2\.0 but installed as 1\.1\.0/,
  },
  {
    title: 'reports missing packages and versions out of range',
    files: {
      ...project,
      'package-lock.json': '',
      'package.json': '{"name":"a","dependencies":{"x":"^1.0.0"},\n"devDependencies":{"z":"1"}}',
      'node_modules/x/package.json': '{"version":"2.0.0"}',
    },
    expected: ['package.json:1', 'package.json:2'],
  },
  {
    title: 'accepts packages installed in a parent folder',
    files: {
      'package.json': '{"name":"a","workspaces":["p/*"]}',
      'p/b/package.json': '{"name":"b","dependencies":{"x":"1"}}',
      '.gitignore': 'node_modules\n',
      'node_modules/x/package.json': '{"version":"1.0.0"}',
    },
    expected: 'pass',
  },
  {
    title: 'skips Python without a virtual environment',
    files: { 'requirements.txt': 'flask==1.0\n' },
    expected: 'not_applicable',
    message: /has no virtual environment/,
  },
  {
    title: 'reads the packages of a virtual environment',
    files: {
      'requirements.txt': 'Some.Thing==1.0\nother>=2\ngone\nelsewhere==1 ; sys_platform == "win32"\n',
      '.gitignore': '.venv\n',
      '.venv/lib/python3.12/site-packages/some_thing-1.0.dist-info/METADATA': '',
      '.venv/lib/python3.12/site-packages/other-1.5.dist-info/METADATA': '',
    },
    expected: ['requirements.txt:2', 'requirements.txt:3'],
    message: /“other” is required as >=2 but installed as 1\.5/,
  },
]);

testCheckWith('go', 'BLD_DEPS_INSTALLED', [
  {
    title: 'reports Go modules that are not downloaded',
    files: {
      'go.mod': 'module a\n\nrequire x.example/x v1.0.0\n',
      'go.sum': 'x.example/x v1.0.0 h1:aa=\nx.example/x v1.0.0/go.mod h1:bb=\n',
      'a.go': 'package a\n\nimport _ "x.example/x"\n',
    },
    expected: ['go.mod'],
  },
]);

testCheckWith('cargo', 'BLD_DEPS_INSTALLED', [
  {
    title: 'reports crates that are not downloaded',
    files: {
      'Cargo.toml': `${rustProject['Cargo.toml']}[dependencies]\nno-such-crate-here = "1"\n`,
      'Cargo.lock':
        'version = 3\n\n[[package]]\nname = "a"\nversion = "0.1.0"\ndependencies = ["no-such-crate-here"]\n\n[[package]]\nname = "no-such-crate-here"\nversion = "1.0.0"\nsource = "registry+https://github.com/rust-lang/crates.io-index"\nchecksum = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"\n',
      'src/lib.rs': '',
    },
    expected: ['Cargo.lock'],
  },
]);
