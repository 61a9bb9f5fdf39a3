/** Checks of imports on planted repositories: own files, packages, circles. */
import { strict as assert } from 'node:assert';
import { plant } from '../../planted-repository.ts';
import { casesOf } from '../check-cases.ts';
import { checkOf } from './fake-tools.ts';

const manifest = '{"name":"own","dependencies":{"used":"1"},"devDependencies":{"@types/typed":"1","@scope/one":"1"}}';

casesOf(checkOf('BLD_IMPORTS'), [
  { what: 'has nothing to say of prose', files: { 'README.md': '' }, found: 'not_applicable' },
  {
    what: 'has nothing to say where nothing own is imported',
    files: { 'a.ts': "import 'fs';\n" },
    found: 'not_applicable',
  },
  {
    what: 'takes every way that a script may be named',
    files: {
      'src/a.ts': [
        "import './b.js';", // TypeScript behind its compiled name
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
    found: 'pass',
    says: /^12 imports/,
  },
  {
    what: 'finds what leads nowhere, with file and line',
    files: {
      'src/a.ts': "import './b.js';\n\nimport type { C } from './c.js';\nexport * from '../d';\n",
      'src/b.test.ts': '',
      'src/e.js': "const f = () => require('./f');\nimport('./g.js');\n",
      'src/h.ts': "import '@app/none';\n",
      'tsconfig.json': '{"compilerOptions":{"paths":{"@app/*":["./src/*"]}}}',
    },
    found: ['src/a.ts:1', 'src/a.ts:3', 'src/a.ts:4', 'src/e.js:1', 'src/e.js:2', 'src/h.ts:1'],
    says: /^6 of 6 imports/,
  },
  {
    what: 'takes what a build makes: git ignores it',
    files: { 'a.ts': "import './made/x.js';\nimport './version';\n", '.gitignore': 'made/\nversion.js\n' },
    found: 'pass',
  },
  {
    what: 'leaves tests alone that load a missing file on purpose, and what nobody here wrote',
    files: {
      'test/a.test.js': "assert.throws(() => require('./none'));\nrequire('../a');\n",
      'a.js': '',
      'test/fixtures/b.js': "require('./none');\n",
      'templates/c.js': "require('./none');\n",
      'vendor/d.js': "require('./none');\n",
    },
    found: 'pass',
    says: /^1 import /,
  },
  {
    what: 'takes every way that Python may be named',
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
    found: 'pass',
  },
  {
    what: 'finds what leads nowhere in Python',
    files: {
      'pkg/__init__.py': '',
      'pkg/a.py': 'import os.path\nfrom .none import x\nimport pkg.none2\nfrom ..far import y\n',
      'lib/b.py': 'from numpy.linalg import norm\n',
    },
    found: ['pkg/a.py:2', 'pkg/a.py:3', 'pkg/a.py:4'],
  },
]);

casesOf(checkOf('BLD_UNDECLARED'), [
  { what: 'has nothing to say without a manifest', files: { 'a.ts': "import 'used';\n" }, found: 'not_applicable' },
  {
    what: 'takes what a manifest names, or what is there without one',
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
    found: 'pass',
    says: /^All of 3 imported packages/,
  },
  {
    what: 'finds packages that no manifest names, each once, by the nearest manifest and those around it',
    files: {
      'package.json': '{"name":"own","workspaces":["p/*"],"devDependencies":{"shared":"1"}}',
      'p/b/package.json': '{"name":"b","dependencies":{"used":"1"}}',
      'p/b/b.ts': "import 'used';\nimport 'shared';\nimport 'stranger';\nimport 'stranger/again';\n",
      'a.js': "require('used');\nrequire('b');\n",
    },
    found: ['a.js:1', 'p/b/b.ts:3'],
    says: /2 packages of 3 imported ones are in no manifest: used, stranger\./,
  },
  {
    what: 'knows the names of Python packages',
    files: {
      'pyproject.toml':
        '[project]\nname="own"\ndependencies=["PyYAML>=5","python-dateutil","Flask[async]==2","google-cloud-storage"]\n[project.optional-dependencies]\nx=["scikit_learn"]\n[dependency-groups]\ndev=["pytest"]\n',
      'requirements-dev.txt': 'beautifulsoup4==4 # why\n-r other.txt\n',
      'own/__init__.py':
        'import os, yaml, dateutil.tz, flask\nfrom google.cloud import storage\nimport sklearn, bs4, pytest, _pytest, own.a\nfrom . import a\ntry:\n    import ujson\nexcept ImportError:\n    ujson = None\n',
      'own/a.py': 'import tomllib\nimport helpers\n',
      'tools/helpers.py': '',
    },
    found: 'pass',
  },
  {
    what: 'finds what no Python manifest names',
    files: {
      'requirements.txt': 'flask\n',
      'app.py': 'import flask\nimport werkzeug\n\ndef f():\n    import requests.adapters\n',
      'tests/test_app.py': 'def test_a(tmp_path):\n    import written_a_moment_before\n',
    },
    found: ['app.py:2', 'app.py:5'],
    says: /“werkzeug” is imported and not in requirements\.txt/,
  },
]);

casesOf(checkOf('BLD_CYCLES'), [
  { what: 'has nothing to say without sources', files: { 'README.md': '' }, found: 'not_applicable' },
  {
    what: 'sees no circle in types, in what is loaded later, or in a package and its parts',
    files: {
      'a.ts': "import type { B } from './b.ts';\nimport './c.ts';\n",
      'b.ts': "import './a.ts';\n",
      'c.ts': "const f = () => import('./a.ts');\n",
      'p/__init__.py': 'from .x import X\n',
      'p/x.py': 'from . import y\n',
      'p/y.py': 'def f():\n    from .x import X\n',
    },
    found: 'pass',
    says: /^No imports of 6 source files/,
  },
  {
    what: 'tells those that were there before it first looked, and passes',
    files: {
      'a.ts': "import './b.ts';\n",
      'b.ts': "\nimport './c.ts';\n",
      'c.ts': "import './a.ts';\nimport './b.ts';\n",
    },
    found: 'pass',
    says: /1 circle of imports in 3 source files[\s\S]*a\.ts → b\.ts → c\.ts → a\.ts/,
  },
]);

describe('BLD_CYCLES', () => {
  it('tells a new circle until it is mended, beside those that it knows', async () => {
    const check = checkOf('BLD_CYCLES');
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
      for (let time = 0; time < 2; time++) {
        const { status, findings, message } = await check.run(await again());
        assert.deepEqual(
          [status, findings?.map(({ file, line }) => `${file}:${line}`)],
          ['fail', ['p/c.py:2']],
          message,
        );
        assert.match(message, /1 circle of imports in 5 source files are new, beside 1 known/);
      }
      put('a.ts', '');
      put('p/c.py', '');
      assert.equal((await check.run(await again())).findings?.length ?? 0, 0);
      put('a.ts', "import './b.ts';\n");
      assert.equal((await check.run(await again())).status, 'fail', 'a circle that was mended is new again');
    } finally {
      dispose();
    }
  });
});
