/** Tests the checks of local imports, imported packages and import cycles. */
import { strict as assert } from 'node:assert';
import { plant } from '../../planted-repository.ts';
import { testCheck } from '../check-cases.ts';
import { findCheck } from './fake-tools.ts';

const manifest = '{"name":"own","dependencies":{"used":"1"},"devDependencies":{"@types/typed":"1","@scope/one":"1"}}';

testCheck(findCheck('BLD_IMPORTS'), [
  { title: 'skips a workspace without source files', files: { 'README.md': '' }, expected: 'not_applicable' },
  {
    title: 'skips if no local file is imported',
    files: { 'a.ts': "import 'fs';\n" },
    expected: 'not_applicable',
  },
  {
    title: 'resolves every form of script import',
    files: {
      'src/a.ts': [
        "import './b.js';", // TypeScript by its compiled name
        "import './c';",
        "import './folder';",
        "import '.';",
        "import './data.json';",
        "import './style.css?inline';",
        "import './page.vue';",
        "import './types.js';",
        "import './package';",
        "require('./d.cjs');",
        "import '../../elsewhere/x.js';",
        "import 'package';",
        "import '@app/b';",
        "import './*.js';",
        "try { require('./gone'); } catch {}",
        "// import './gone2.js';",
        'const text = "import \'./gone3.js\'";',
        "import('./gone4.js').catch(() => {});",
      ].join('\n'),
      'src/b.ts': '',
      'src/c.tsx': '',
      'src/d.cts': '',
      'src/index.ts': '',
      'src/folder/index.js': '',
      'src/package/package.json': '{}',
      'src/data.json': '',
      'src/style.css': '',
      'src/page.vue': '',
      'src/types.d.ts': '',
      'tsconfig.json': '{"compilerOptions":{"paths":{"@app/*":["./src/*"]}}}',
    },
    expected: 'pass',
    message: /^All 12 local imports resolve\.$/,
  },
  {
    title: 'reports unresolved imports with file and line',
    files: {
      'src/a.ts': "import './b.js';\n\nimport type { C } from './c.js';\nexport * from '../d';\n",
      'src/b.test.ts': '',
      'src/e.js': "const f = () => require('./f');\nimport('./g.js');\n",
      'src/h.ts': "import '@app/none';\n",
      'tsconfig.json': '{"compilerOptions":{"paths":{"@app/*":["./src/*"]}}}',
    },
    expected: ['src/a.ts:1', 'src/a.ts:3', 'src/a.ts:4', 'src/e.js:1', 'src/e.js:2', 'src/h.ts:1'],
    message: /^6 of 6 local imports do not resolve/,
  },
  {
    title: 'accepts ignored files as build output',
    files: { 'a.ts': "import './made/x.js';\nimport './version';\n", '.gitignore': 'made/\nversion.js\n' },
    expected: 'pass',
  },
  {
    title: 'ignores deferred imports in tests, templates and foreign code',
    files: {
      'test/a.test.js': "assert.throws(() => require('./none'));\nrequire('../a');\n",
      'a.js': '',
      'test/fixtures/b.js': "require('./none');\n",
      'templates/c.js': "require('./none');\n",
      'vendor/d.js': "require('./none');\n",
    },
    expected: 'pass',
    message: /^The only local import resolves\.$/,
  },
  {
    title: 'resolves every form of Python import',
    files: {
      'pkg/__init__.py':
        'from .a import x\nfrom . import a, y\nfrom ._fast import z\nfrom ._version import v\nfrom .space import w\n',
      'pkg/a.py':
        'import pkg.a\nfrom pkg.sub import b\nfrom .. import c\ntry:\n    from .gone import d\nexcept ImportError:\n    pass\n',
      'pkg/sub/__init__.py': 'from ..a import x\n',
      'pkg/_fast.c': '',
      'pkg/space/data.txt': '',
      'pyproject.toml': '[project]\nname="pkg"\n[tool.setuptools_scm]\nwrite_to = "pkg/_version.py"\n',
    },
    expected: 'pass',
  },
  {
    title: 'accepts code that a website assembles or reads as text, but not a single mistake in examples',
    files: {
      'site/examples/grid/App/main.js': "import Grid from './Grid.js';\nimport { rows } from './rows.js';\n",
      'site/examples/tree/App/main.js': "import Tree from './Tree.js';\nimport '../shared.js';\n",
      'site/examples/tree/shared.js': '',
      'src/sandbox.ts':
        "import text from './boxed/entry.js?raw';\nimport other from '!raw-loader!./boxed/other.js';\nuse(text, other);\n",
      'src/boxed/entry.js': "import './shim.js';\n",
      'src/boxed/other.js': "import './shim.js';\n",
      'src/boxed/normal.js': "import './gone.js';\n",
      'examples/one/a.js': "import './gone.js';\nimport './b.js';\n",
      'examples/one/b.js': '',
    },
    expected: ['examples/one/a.js:1', 'src/boxed/normal.js:1'],
  },
  {
    title: 'accepts imports that a comment accepts, and of files that the script itself writes',
    files: {
      'a.ts':
        "// @ts-expect-error is being converted\nimport x from './x.ts';\n// eslint-disable-next-line import/no-unresolved\nimport './y.ts';\nimport './z.ts';\n",
      'bench.js':
        "copyFileSync(from, './copy.cjs');\nconst a = require('./copy.cjs');\nconst b = require('./other.cjs');\n",
    },
    expected: ['a.ts:5', 'bench.js:3'],
  },
  {
    title: 'reports unresolved Python imports',
    files: {
      'pkg/__init__.py': '',
      'pkg/a.py': 'import os.path\nfrom .none import x\nimport pkg.none2\nfrom ..far import y\n',
      'lib/b.py': 'from numpy.linalg import norm\n',
    },
    expected: ['pkg/a.py:2', 'pkg/a.py:3', 'pkg/a.py:4'],
  },
]);

testCheck(findCheck('BLD_UNDECLARED'), [
  { title: 'skips without a manifest', files: { 'a.ts': "import 'used';\n" }, expected: 'not_applicable' },
  {
    title: 'accepts declared packages, and imports that need no declaration',
    files: {
      'package.json': manifest,
      'a.ts': [
        "import 'used/part';",
        "import type { T } from 'typed';",
        "import '@scope/one';",
        "import 'fs'; import 'node:fs'; import 'fs/promises';",
        "import 'own/self'; import './a.js';",
        "import '@/alias'; import '~/alias'; import '#inner'; import 'virtual:x'; import 'https://x.org/y.js';",
        "import 'mapped/x'; import 'folder/y';",
        "import 'ambient';",
        "import 'made-by-the-bundler';",
        "try { require('extra'); } catch {}",
      ].join('\n'),
      'types.d.ts': "declare module 'ambient' { }\n",
      'src/folder/y.ts': '',
      'rollup.config.js': "export default { external: ['made-by-the-bundler'] };\n",
      'tsconfig.json': '{"compilerOptions":{"paths":{"mapped/*":["./src/*"]}}}',
      'examples/a.js': "require('shown');\n",
      'test/fixtures/a.js': "require('fixture');\n",
    },
    expected: 'pass',
    message: /^3 imported packages are declared\.$/,
  },
  {
    title: 'reports each undeclared package once, against the nearest manifest and those around it',
    files: {
      'package.json': '{"name":"own","workspaces":["p/*"],"devDependencies":{"shared":"1"}}',
      'p/b/package.json': '{"name":"b","dependencies":{"used":"1"}}',
      'p/b/b.ts': "import 'used';\nimport 'shared';\nimport 'stranger';\nimport 'stranger/again';\n",
      'a.js': "require('used');\nrequire('b');\n",
    },
    expected: ['a.js:1', 'p/b/b.ts:3'],
    message: /2 of 3 imported packages are not declared in a manifest: used, stranger\./,
  },
  {
    title: 'matches Python modules with their packages',
    files: {
      'pyproject.toml':
        '[project]\nname="own"\ndependencies=["PyYAML>=5","python-dateutil","Flask[async]==2","google-cloud-storage"]\n[project.optional-dependencies]\nx=["scikit_learn"]\n[dependency-groups]\ndev=["pytest"]\n',
      'requirements-dev.txt': 'beautifulsoup4==4 # why\n-r other.txt\n',
      'own/__init__.py':
        'import os, yaml, dateutil.tz, flask\nfrom google.cloud import storage\nimport sklearn, bs4, pytest, _pytest, own.a\nfrom . import a\ntry:\n    import ujson\nexcept ImportError:\n    ujson = None\n',
      'own/a.py': 'import tomllib\nimport helpers\n',
      'tools/helpers.py': '',
    },
    expected: 'pass',
  },
  {
    title: 'accepts packages of the environments of Hatch, and those with other names than their modules',
    files: {
      'pyproject.toml': '[project]\nname="own"\n',
      'hatch.toml': '[envs.hatch-test]\nextra-dependencies=["filelock"]\n[envs.docs]\ndependencies=["lxml>=5"]\n',
      'requirements.txt': 'grpcio-health-checking==1.76.0\n',
      'tests/conftest.py': 'import filelock\nimport pytest\n',
      'scripts/a.py': 'import lxml.etree\nfrom grpc_health.v1 import health_pb2\n',
    },
    expected: 'pass',
  },
  {
    title: 'accepts the names of members of a workspace of Deno',
    files: {
      'deno.json': '{"workspace":["./path"]}',
      'path/deno.json': '{"name":"@x/path"}',
      'tools/package.json': '{"name":"t","dependencies":{"used":"1"}}',
      'tools/a.mjs': "import 'used';\nawait import('@x/path');\n",
    },
    expected: 'pass',
  },
  {
    title: 'reports undeclared Python packages',
    files: {
      'requirements.txt': 'flask\n',
      'app.py': 'import flask\nimport werkzeug\n\ndef f():\n    import requests.adapters\n',
      'tests/test_app.py': 'def test_a(tmp_path):\n    import written_a_moment_before\n',
    },
    expected: ['app.py:2', 'app.py:5'],
    message: /“werkzeug” is imported but not declared in requirements\.txt/,
  },
]);

testCheck(findCheck('BLD_CYCLES'), [
  { title: 'skips a workspace without source files', files: { 'README.md': '' }, expected: 'not_applicable' },
  {
    title: 'ignores type imports, deferred imports, and cycles between a package and its submodules',
    files: {
      'a.ts': "import type { B } from './b.ts';\nimport './c.ts';\n",
      'b.ts': "import './a.ts';\n",
      'c.ts': "const f = () => import('./a.ts');\n",
      'p/__init__.py': 'from .x import X\n',
      'p/x.py': 'from . import y\n',
      'p/y.py': 'def f():\n    from .x import X\n',
    },
    expected: 'pass',
    message: /^No import cycles in 6 source files\.$/,
  },
  {
    title: 'passes in the first run and lists the existing cycles',
    files: {
      'a.ts': "import './b.ts';\n",
      'b.ts': "\nimport './c.ts';\n",
      'c.ts': "import './a.ts';\nimport './b.ts';\n",
    },
    expected: 'pass',
    message: /1 import cycle in 3 source files[\s\S]*a\.ts → b\.ts → c\.ts → a\.ts/,
  },
]);

describe('BLD_CYCLES', () => {
  it('reports a new cycle until it is fixed, and counts the known ones', async () => {
    const check = findCheck('BLD_CYCLES');
    assert.ok(check);
    const { again, put, dispose } = await plant({
      'a.ts': "import './b.ts';\n",
      'b.ts': "import './a.ts';\n",
      'p/c.py': '',
      'p/d.py': 'import p.c\n',
      'p/__init__.py': '',
    });
    try {
      assert.equal((await check.run(await again())).status, 'pass');
      put('p/c.py', '\nfrom p import d\n');
      for (let run = 0; run < 2; run++) {
        const { status, findings, message } = await check.run(await again());
        assert.deepEqual(
          [status, findings?.map(({ file, line }) => `${file}:${line}`)],
          ['fail', ['p/c.py:2']],
          message,
        );
        assert.match(message, /^1 new import cycle \(1 known\)\.$/);
      }
      put('a.ts', '');
      put('p/c.py', '');
      assert.equal((await check.run(await again())).findings?.length ?? 0, 0);
      put('a.ts', "import './b.ts';\n");
      assert.equal((await check.run(await again())).status, 'fail', 'a fixed cycle is new when it returns');
    } finally {
      dispose();
    }
  });
});
