/** Tests the checks of file names, documents, manifests, configuration and installed languages. */
import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import { matchesSpecifier } from '../../../../../src/pipelines/validation/checks/workspace/config/version-specifier.ts';
import { workspaceChecks } from '../../../../../src/pipelines/validation/checks/workspace/workspace-checks.ts';
import { plant } from '../../planted-repository.ts';
import { testCheck } from '../check-cases.ts';

const row = (id: string) => workspaceChecks.find((check) => check.id === id);

testCheck(row('WS_PORTABLE_PATHS'), [
  {
    title: 'passes portable names',
    files: { 'src/conf.d/a.ts': '', 'src/console.ts': '', 'ä b.txt': '' },
    expected: 'pass',
  },
  {
    title: 'reports each kind of unportable name',
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
    expected: ['aux.c', 'b:c.txt', 'dot./x', `${'long/'.repeat(40)}name.txt`, 'read.md', '\u00e4.txt'],
    message: /208 characters/,
  },
  { title: 'skips an empty folder', files: {}, options: { git: false }, expected: 'not_applicable' },
]);

testCheck(row('WS_DOCS'), [
  {
    title: 'passes if all three documents exist',
    files: { 'Readme.rst': '', COPYING: '', 'HISTORY.md': '' },
    expected: 'pass',
  },
  {
    title: 'accepts the usual folders of a monorepo',
    files: { '.github/README.md': '', 'LICENSES/MIT.txt': '', 'packages/a/CHANGELOG.md': '' },
    expected: 'pass',
  },
  {
    title: 'accepts a changelog that is split into pages of the documentation',
    files: { 'README.md': '', LICENSE: '', 'docs/history/core.md': '' },
    expected: 'pass',
  },
  {
    title: 'requires no LICENSE for an unlicensed package',
    files: { 'README.md': '', 'package.json': '{"license": "UNLICENSED"}', '.changeset/x.md': '' },
    expected: 'pass',
  },
  {
    title: 'reports missing documents',
    files: { 'src/readme.md': '', 'src/history/index.ts': '', 'LICENSE-MIT': '' },
    expected: [],
    message: /^Missing: README, CHANGELOG\.$/,
  },
  { title: 'skips an empty folder', files: {}, options: { git: false }, expected: 'not_applicable' },
]);

testCheck(row('WS_MANIFEST'), [
  {
    title: 'passes valid manifests of each language',
    files: {
      'package.json': '\uFEFF{"name": "a", "dependencies": {"b": "1"}}',
      'pyproject.toml': '[project]\nname = "a"\ndynamic = ["version"]\n',
      'Cargo.toml': '\uFEFF[workspace]\nmembers = []\n',
      'go.mod': '// a\nmodule example.org/a\n\ngo 1.22\n',
    },
    expected: 'pass',
    message: /^4 manifests/,
  },
  {
    title: 'reports syntax errors with their line',
    files: {
      'package.json': '{\n  "name": "a",\n}\n',
      'pyproject.toml': '[project]\nname = "a\n',
      'Cargo.toml': '[package]\nname = "a"\nname = "b"\n',
      'go.mod': 'go 1.22\n',
    },
    expected: ['package.json:3', 'pyproject.toml:2', 'Cargo.toml:3', 'go.mod'],
  },
  {
    title: 'reports what a package manager would reject',
    files: {
      'package.json': '{"dependencies": {"a": 1}}',
      'pyproject.toml': '[project]\nversion = "1"\n',
      'Cargo.toml': '[lib]\n',
    },
    expected: ['package.json', 'pyproject.toml', 'Cargo.toml'],
    message: /The version of a in “dependencies” is not a string/,
  },
  {
    title: 'checks workspace members, but not fixtures',
    files: {
      'package.json': '{"name":"r","workspaces": ["packages/*"]}',
      'packages/a/package.json': '{,}',
      'test/fixtures/b/package.json': '{,}',
    },
    expected: ['packages/a/package.json:1'],
  },
  { title: 'skips if the workspace has no manifest', files: { 'main.c': '' }, expected: 'not_applicable' },
]);

/** Creates a program that prints a version. */
const versionProgram = (output: string) => ({ run: `#!/bin/sh\necho "${output}"\n` });

testCheck(row('WS_TOOLCHAIN'), [
  {
    title: 'passes if the installed programs are in range',
    files: {
      'package.json': '{"name":"a","engines": {"node": ">=18 || ^16.3"}}',
      'pyproject.toml': '[project]\nname="a"\nrequires-python = ">=3.6,<4"\n',
    },
    expected: 'pass',
    message: /^Node \d+\.\d+\.\d+, Python 3\.\d+\.\d+ satisfy 2 manifests\.$/,
  },
  {
    title: 'reports installed programs that are out of range',
    files: {
      'package.json': '{"name":"a","engines": {"node": "<4"}}',
      'setup.py': "setup(\n  python_requires='~=2.7',\n)\n",
    },
    expected: ['package.json', 'setup.py'],
  },
  {
    title: 'prefers programs installed in the workspace',
    files: {
      'package.json': '{"name":"a","engines": {"node": "22.x"}}',
      'node_modules/.bin/node': versionProgram('v22.1.0'),
      'pyproject.toml': '[tool.poetry]\nname="a"\n[tool.poetry.dependencies]\npython = ">=3.7,<3.8 || ^2.7"\n',
      '.venv/bin/python3': versionProgram('Python 2.7.18'),
    },
    expected: 'pass',
    message: /Node 22\.1\.0, Python 2\.7\.18/,
  },
  {
    title: 'reports an invalid range',
    files: { 'package.json': '{"name":"a","engines": {"node": "the newest"}}' },
    expected: ['package.json'],
    message: /“the newest” is not a valid Node version range/,
  },
  {
    title: 'skips if no manifest requires a version',
    files: { 'package.json': '{"name":"a"}' },
    expected: 'not_applicable',
  },
]);

describe('WS_TOOLCHAIN without a required language', () => {
  it('names the language', async () => {
    const planted = await plant({
      'go.mod': 'module a\n\ngo 1.22\n',
      'package.json': '{"name":"a","engines": {"node": ">=4"}}',
      'node_modules/.bin/node': versionProgram('v22.1.0'),
    });
    const path = process.env['PATH'];
    try {
      process.env['PATH'] = join(planted.root, 'no-programs');
      const outcome = await row('WS_TOOLCHAIN')?.run(planted.context);
      assert.equal(outcome?.skipReason, 'tool_missing');
      assert.equal(outcome?.message, 'Go is required but not installed (Node 22.1.0 satisfies the manifests).');
    } finally {
      process.env['PATH'] = path;
      planted.dispose();
    }
  });
});

describe('matchesSpecifier', () => {
  const rows: readonly [specifier: string, version: string, expected: boolean | undefined][] = [
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
  for (const [specifier, version, expected] of rows) {
    it(`returns ${expected} for ${specifier} and ${version}`, () =>
      assert.equal(matchesSpecifier(version, specifier), expected));
  }
});

testCheck(row('WS_CONFIG_PARSE'), [
  {
    title: 'passes each format in the variant that its program accepts',
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
    expected: 'pass',
    message: /^10 configuration files parse\.$/,
  },
  {
    title: 'reports the first error of each file',
    files: {
      'a.json': '{\n  "a": 1,\n}\n',
      'b.yaml': 'a: 1\nb: [1, 2\nc: 3\n',
      'c.toml': 'a = 1\nb = \n',
      'd.yml': 'a: 1\nb: 2\na: 3\n',
      '.github/workflows/ci.yml': `on: push\njobs:\n  a:\n    if: $\{{ x }}\n   b: 1\n`,
      'tsconfig.json': '{\n  "files": [\n}\n',
      'empty.json': '',
    },
    expected: [
      '.github/workflows/ci.yml:5',
      'a.json:3',
      'b.yaml:3',
      'c.toml:2',
      'd.yml:3',
      'empty.json:1',
      'tsconfig.json:3',
    ],
    message: /^7 of 7 configuration files do not parse/,
  },
  {
    title: 'ignores templates, fixtures and tests',
    files: {
      'chart/Chart.yaml': 'name: a\n',
      'chart/templates/a.yaml': '{{- if .Values.a }}\na: 1\n{{- end }}\n',
      'chart/templates/sub/b.yaml': 'a: [\n',
      'template/package.json': '{"name": <%= name %>}',
      'deploy.yml': 'a: {{ b }}\n{% if c %}\nd: 1\n{% endif %}\n',
      'test/fixtures/bad.json': '{',
      'tests/bad.yaml': 'a: [',
    },
    expected: 'pass',
    message: /^1 configuration file parses \(4 templates skipped\)\.$/,
  },
  { title: 'skips if the workspace has no configuration', files: { 'a.txt': '' }, expected: 'not_applicable' },
]);

describe('WS_CONFIG_PARSE in a second run', () => {
  it('reuses results by content and does not block the event loop', async () => {
    const long = Array.from({ length: 4000 }, (_, index) => `key${index}: {a: ${index}}`).join('\n');
    const planted = await plant({ 'long.yaml': long, 'bad.yaml': 'a: [' });
    try {
      let [longestMs, lastMs] = [0, performance.now()];
      const timer = setInterval(() => {
        longestMs = Math.max(longestMs, performance.now() - lastMs);
        lastMs = performance.now();
      }, 1);
      const startMs = performance.now();
      const first = await row('WS_CONFIG_PARSE')?.run(planted.context);
      const coldMs = performance.now() - startMs;
      clearInterval(timer);
      const again = await row('WS_CONFIG_PARSE')?.run(await planted.again());
      const warmMs = performance.now() - startMs - coldMs;
      assert.deepEqual(again, first);
      assert.equal(first?.findings?.[0]?.file, 'bad.yaml');
      assert.ok(warmMs < 0.8 * coldMs, `${warmMs} ms warm, ${coldMs} ms cold`);
      assert.ok(longestMs < 0.8 * coldMs, `blocked for ${longestMs} of ${coldMs} ms`);
      planted.put('bad.yaml', 'a: []');
      assert.equal((await row('WS_CONFIG_PARSE')?.run(await planted.again()))?.status, 'pass');
    } finally {
      planted.dispose();
    }
  });
});
