/** Checks that read names, papers, manifests and configuration, and the languages that are here. */
import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import { fitsSpecifier } from '../../../../../src/pipelines/validation/checks/workspace/config/version-specifier.ts';
import { workspaceChecks } from '../../../../../src/pipelines/validation/checks/workspace/workspace-checks.ts';
import { plant } from '../../planted-repository.ts';
import { casesOf } from '../check-cases.ts';

const row = (id: string) => workspaceChecks.find((check) => check.id === id);

casesOf(row('WS_PORTABLE_PATHS'), [
  { what: 'passes plain names', files: { 'src/conf.d/a.ts': '', 'src/console.ts': '', 'ä b.txt': '' }, found: 'pass' },
  {
    what: 'finds each kind of bad name',
    files: {
      'Read.md': '',
      'read.md': '',
      'a\u0308.txt': '',
      '\u00e4.txt': '',
      'aux.c': '',
      'b:c.txt': '',
      'dot./x': '',
      [`${'long/'.repeat(40)}name.txt`]: '',
    },
    found: ['aux.c', 'b:c.txt', 'dot./x', `${'long/'.repeat(40)}name.txt`, 'read.md', '\u00e4.txt'],
    says: /208 characters/,
  },
  { what: 'skips an empty folder', files: {}, options: { git: false }, found: 'not_applicable' },
]);

casesOf(row('WS_DOCS'), [
  { what: 'passes all three', files: { 'Readme.rst': '', COPYING: '', 'HISTORY.md': '' }, found: 'pass' },
  {
    what: 'passes them on the shelves of a workspace of packages',
    files: { '.github/README.md': '', 'LICENSES/MIT.txt': '', 'packages/a/CHANGELOG.md': '' },
    found: 'pass',
  },
  {
    what: 'asks for no licence where nobody is allowed anything',
    files: { 'README.md': '', 'package.json': '{"license": "UNLICENSED"}', '.changeset/x.md': '' },
    found: 'pass',
  },
  {
    what: 'finds what is missing',
    files: { 'src/readme.md': '', 'src/history/index.ts': '', 'LICENSE-MIT': '' },
    found: [],
    says: /^There is no README and no CHANGELOG\.$/,
  },
  { what: 'skips an empty folder', files: {}, options: { git: false }, found: 'not_applicable' },
]);

casesOf(row('WS_MANIFEST'), [
  {
    what: 'passes those of each stack',
    files: {
      'package.json': '\uFEFF{"name": "a", "dependencies": {"b": "1"}}',
      'pyproject.toml': '[project]\nname = "a"\ndynamic = ["version"]\n',
      'Cargo.toml': '\uFEFF[workspace]\nmembers = []\n',
      'go.mod': '// a\nmodule example.org/a\n\ngo 1.22\n',
    },
    found: 'pass',
    says: /^4 manifests/,
  },
  {
    what: 'finds what does not parse, with its line',
    files: {
      'package.json': '{\n  "name": "a",\n}\n',
      'pyproject.toml': '[project]\nname = "a\n',
      'Cargo.toml': '[package]\nname = "a"\nname = "b"\n',
      'go.mod': 'go 1.22\n',
    },
    found: ['package.json:3', 'pyproject.toml:2', 'Cargo.toml:3', 'go.mod'],
  },
  {
    what: 'finds what a package manager would refuse',
    files: {
      'package.json': '{"dependencies": {"a": 1}}',
      'pyproject.toml': '[project]\nversion = "1"\n',
      'Cargo.toml': '[lib]\n',
    },
    found: ['package.json', 'pyproject.toml', 'Cargo.toml'],
    says: /no version in text for a/,
  },
  {
    what: 'finds it in a member, and leaves fixtures',
    files: {
      'package.json': '{"name":"r","workspaces": ["packages/*"]}',
      'packages/a/package.json': '{,}',
      'test/fixtures/b/package.json': '{,}',
    },
    found: ['packages/a/package.json:1'],
  },
  { what: 'skips where there is none', files: { 'main.c': '' }, found: 'not_applicable' },
]);

/** Prints a version, as the language's own program would. */
const program = (said: string) => ({ run: `#!/bin/sh\necho "${said}"\n` });

casesOf(row('WS_TOOLCHAIN'), [
  {
    what: 'passes what is in range, by the real programs of this machine',
    files: {
      'package.json': '{"name":"a","engines": {"node": ">=18 || ^16.3"}}',
      'pyproject.toml': '[project]\nname="a"\nrequires-python = ">=3.6,<4"\n',
    },
    found: 'pass',
    says: /^Node \d+\.\d+\.\d+, Python 3\.\d+\.\d+: as 2 manifests ask\.$/,
  },
  {
    what: 'finds what is out of range, by the real programs of this machine',
    files: {
      'package.json': '{"name":"a","engines": {"node": "<4"}}',
      'setup.py': "setup(\n  python_requires='~=2.7',\n)\n",
    },
    found: ['package.json', 'setup.py'],
  },
  {
    what: "asks the workspace's own program first",
    files: {
      'package.json': '{"name":"a","engines": {"node": "22.x"}}',
      'node_modules/.bin/node': program('v22.1.0'),
      'pyproject.toml': '[tool.poetry]\nname="a"\n[tool.poetry.dependencies]\npython = ">=3.7,<3.8 || ^2.7"\n',
      '.venv/bin/python3': program('Python 2.7.18'),
    },
    found: 'pass',
    says: /Node 22\.1\.0, Python 2\.7\.18/,
  },
  {
    what: 'finds a range that is none',
    files: { 'package.json': '{"name":"a","engines": {"node": "the newest"}}' },
    found: ['package.json'],
    says: /“the newest” is no range/,
  },
  { what: 'skips where nothing is asked for', files: { 'package.json': '{"name":"a"}' }, found: 'not_applicable' },
]);

describe('WS_TOOLCHAIN, without some', () => {
  it('says what is not installed', async () => {
    const planted = await plant({
      'go.mod': 'module a\n\ngo 1.22\n',
      'package.json': '{"name":"a","engines": {"node": ">=4"}}',
      'node_modules/.bin/node': program('v22.1.0'),
    });
    const path = process.env['PATH'];
    try {
      process.env['PATH'] = join(planted.root, 'no-programs');
      const outcome = await row('WS_TOOLCHAIN')?.run(planted.context);
      assert.equal(outcome?.skipReason, 'tool_missing');
      assert.equal(outcome?.message, 'Go is asked for and not installed (Node 22.1.0 fits).');
    } finally {
      process.env['PATH'] = path;
      planted.dispose();
    }
  });
});

describe('specifiers of Python', () => {
  const rows: readonly [specifier: string, version: string, fits: boolean | undefined][] = [
    ['>=3.8', '3.11.7', true],
    ['>=3.8', '3.7.9', false],
    ['>=3.8,!=3.9.*,<4', '3.9.2', false],
    ['>=3.8,!=3.9.*,<4', '3.10.0', true],
    ['~=3.8', '3.12.1', true],
    ['~=3.8.1', '3.8.0', false],
    ['~=3.8.1', '3.9.0', false],
    ['==3.11.*', '3.11.7', true],
    ['==3.11', '3.11.0', true],
    ['==3.11', '3.11.7', false],
    ['<3.13.0rc1', '3.12.0', true],
    [' >= 3.8 , ', '3.8.0', true],
    ['>3.8', '3.8.0', false],
    ['^3.8', '3.8.0', undefined],
    ['three', '3.8.0', undefined],
  ];
  for (const [specifier, version, fits] of rows) {
    it(`${specifier} with ${version}`, () => assert.equal(fitsSpecifier(version, specifier), fits));
  }
});

casesOf(row('WS_CONFIG_PARSE'), [
  {
    what: 'passes each format, as those read it that it is for',
    files: {
      'package.json': '\uFEFF{"a": 1}',
      'tsconfig.build.json': '{\n  // why\n  "files": [],\n}',
      '.vscode/settings.json': '{ "a": 1, /* b */ }',
      '.eslintrc': 'root: true\nrules:\n  a: 1\n',
      'data.json': '{"a": 1}\n{"a": 2}\n',
      'commented.json': '// for our own reader\n{"a": [1,],}',
      '.babelrc.json': "{presets: ['a']}",
      'many.yaml': '---\na: 1\n---\na: 2\n',
      'tags.yml': 'a: !Ref b\nc: !Sub\n  - x\n  - {}\n',
      'merge.yml': 'a: &a {b: 1}\nc:\n  <<: *a\n  d: 1\n',
      'Cargo.toml': '[package]\nname = "a"\n',
    },
    found: 'pass',
    says: /^10 files of JSON, YAML and TOML can be read\.$/,
  },
  {
    what: 'finds the first broken place',
    files: {
      'a.json': '{\n  "a": 1,\n}\n',
      'b.yaml': 'a: 1\nb: [1, 2\nc: 3\n',
      'c.toml': 'a = 1\nb = \n',
      'd.yml': 'a: 1\nb: 2\na: 3\n',
      '.github/workflows/ci.yml': `on: push\njobs:\n  a:\n    if: $\{{ x }}\n   b: 1\n`,
      'tsconfig.json': '{\n  "files": [\n}\n',
      'empty.json': '',
    },
    found: [
      '.github/workflows/ci.yml:5',
      'a.json:3',
      'b.yaml:3',
      'c.toml:2',
      'd.yml:3',
      'empty.json:1',
      'tsconfig.json:3',
    ],
    says: /^7 of 7 files/,
  },
  {
    what: 'leaves templates, fixtures and tests',
    files: {
      'chart/Chart.yaml': 'name: a\n',
      'chart/templates/a.yaml': '{{- if .Values.a }}\na: 1\n{{- end }}\n',
      'chart/templates/sub/b.yaml': 'a: [\n',
      'template/package.json': '{"name": <%= name %>}',
      'deploy.yml': 'a: {{ b }}\n{% if c %}\nd: 1\n{% endif %}\n',
      'test/fixtures/bad.json': '{',
      'tests/bad.yaml': 'a: [',
    },
    found: 'pass',
    says: /^1 file of JSON, YAML and TOML can be read, 4 templates not judged\.$/,
  },
  { what: 'skips where there is none', files: { 'a.txt': '' }, found: 'not_applicable' },
]);

describe('WS_CONFIG_PARSE, again', () => {
  it('remembers what it found by content, and holds nothing up', async () => {
    const long = Array.from({ length: 4000 }, (_, at) => `key${at}: {a: ${at}}`).join('\n');
    const planted = await plant({ 'long.yaml': long, 'bad.yaml': 'a: [' });
    try {
      let [longestMs, lastMs] = [0, performance.now()];
      const beat = setInterval(() => {
        longestMs = Math.max(longestMs, performance.now() - lastMs);
        lastMs = performance.now();
      }, 1);
      const startMs = performance.now();
      const first = await row('WS_CONFIG_PARSE')?.run(planted.context);
      const coldMs = performance.now() - startMs;
      clearInterval(beat);
      const again = await row('WS_CONFIG_PARSE')?.run(await planted.again());
      const warmMs = performance.now() - startMs - coldMs;
      assert.deepEqual(again, first);
      assert.equal(first?.findings?.[0]?.file, 'bad.yaml');
      assert.ok(warmMs < 0.8 * coldMs, `${warmMs} against ${coldMs} ms`);
      assert.ok(longestMs < 0.8 * coldMs, `held for ${longestMs} of ${coldMs} ms`);
      planted.put('bad.yaml', 'a: []');
      assert.equal((await row('WS_CONFIG_PARSE')?.run(await planted.again()))?.status, 'pass');
    } finally {
      planted.dispose();
    }
  });
});
