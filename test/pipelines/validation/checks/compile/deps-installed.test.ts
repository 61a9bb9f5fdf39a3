/** Packages that are asked for and installed, on planted repositories. */
import { casesOf } from '../check-cases.ts';
import { casesWith, checkOf, crate } from './fake-tools.ts';

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
const own = {
  'package.json': '{"name":"a","dependencies":{"x":"^1.0.0"}}',
  'package-lock.json': lock('1.2.0'),
  '.gitignore': 'node_modules\n.venv\n',
};

casesOf(checkOf('BLD_DEPS_INSTALLED'), [
  { what: 'has nothing to say without a manifest', files: { 'a.ts': '' }, found: 'not_applicable' },
  {
    what: 'has nothing to say where nothing is asked for',
    files: { 'package.json': '{"name":"a"}' },
    found: 'not_applicable',
  },
  {
    what: 'passes what is installed as locked',
    files: {
      ...own,
      'node_modules/x/package.json': '{"version":"1.2.0"}',
      'node_modules/.package-lock.json': lock('1.2.0'),
    },
    found: 'pass',
    says: /^2 packages as asked for/,
  },
  { what: 'finds that nothing is installed', files: own, found: ['package.json'], says: /there is no node_modules/ },
  {
    what: 'finds another version than the locked one',
    files: {
      ...own,
      'node_modules/x/package.json': '{"version":"1.1.0"}',
      'node_modules/.package-lock.json': lock('1.1.0'),
    },
    found: ['package-lock.json:1'],
    says: /locked as 1\.2\.0 and installed as 1\.1\.0/,
  },
  {
    what: 'finds what is missing, and what does not fit',
    files: {
      ...own,
      'package-lock.json': '',
      'package.json': '{"name":"a","dependencies":{"x":"^1.0.0"},\n"devDependencies":{"z":"1"}}',
      'node_modules/x/package.json': '{"version":"2.0.0"}',
    },
    found: ['package.json:1', 'package.json:2'],
  },
  {
    what: 'takes what the folder around has installed',
    files: {
      'package.json': '{"name":"a","workspaces":["p/*"]}',
      'p/b/package.json': '{"name":"b","dependencies":{"x":"1"}}',
      '.gitignore': 'node_modules\n',
      'node_modules/x/package.json': '{"version":"1.0.0"}',
    },
    found: 'pass',
  },
  {
    what: 'has nothing to say of Python without an environment',
    files: { 'requirements.txt': 'flask==1.0\n' },
    found: 'not_applicable',
    says: /No virtual environment/,
  },
  {
    what: 'looks into a virtual environment',
    files: {
      'requirements.txt': 'Some.Thing==1.0\nother>=2\ngone\nelsewhere==1 ; sys_platform == "win32"\n',
      '.gitignore': '.venv\n',
      '.venv/lib/python3.12/site-packages/some_thing-1.0.dist-info/METADATA': '',
      '.venv/lib/python3.12/site-packages/other-1.5.dist-info/METADATA': '',
    },
    found: ['requirements.txt:2', 'requirements.txt:3'],
    says: /“other” is asked for as >=2 and installed as 1\.5/,
  },
]);

casesWith('go', 'BLD_DEPS_INSTALLED', [
  {
    what: 'finds modules that are not downloaded',
    files: {
      'go.mod': 'module a\n\nrequire x.example/x v1.0.0\n',
      'go.sum': 'x.example/x v1.0.0 h1:aa=\nx.example/x v1.0.0/go.mod h1:bb=\n',
      'a.go': 'package a\n\nimport _ "x.example/x"\n',
    },
    found: ['go.mod'],
  },
]);

casesWith('cargo', 'BLD_DEPS_INSTALLED', [
  {
    what: 'finds crates that are not fetched',
    files: {
      'Cargo.toml': `${crate['Cargo.toml']}[dependencies]\nno-such-crate-here = "1"\n`,
      'Cargo.lock':
        'version = 3\n\n[[package]]\nname = "a"\nversion = "0.1.0"\ndependencies = ["no-such-crate-here"]\n\n[[package]]\nname = "no-such-crate-here"\nversion = "1.0.0"\nsource = "registry+https://github.com/rust-lang/crates.io-index"\nchecksum = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"\n',
      'src/lib.rs': '',
    },
    found: ['Cargo.lock'],
  },
]);
