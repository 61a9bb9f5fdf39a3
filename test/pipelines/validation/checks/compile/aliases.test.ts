/** Imports that are neither files nor declared packages: aliases, modules of frameworks, submodules and build output. */
import { testCheck } from '../check-cases.ts';
import { findCheck } from './fake-tools.ts';

const lines = (...specs: readonly string[]): string => specs.map((spec) => `import '${spec}';\n`).join('');

testCheck(findCheck('BLD_IMPORTS'), [
  {
    title: 'resolves aliases of extended configurations relative to them',
    files: {
      'config/base.json': '{"compilerOptions":{"paths":{"@cfg/*":["../lib/*"]}}}',
      'app/tsconfig.json': '{"extends":"../config/base.json"}',
      'app/tsconfig.build.json': '{"extends":["./none.json","../config/base"],"compilerOptions":{"strict":true}}',
      'app/a.ts': lines('@cfg/b', '@cfg/none'),
      'lib/b.ts': 'export {};\n',
    },
    expected: ['app/a.ts:2'],
  },
  {
    title: 'resolves aliases with configDir relative to the configuration that is used',
    files: {
      'base.json': `{"compilerOptions":{"paths":{"#src/*":["\${configDir}/src/*"]}}}`,
      'a/tsconfig.json': '{"extends":"../base.json"}',
      'a/x.ts': lines('#src/y', '#src/none'),
      'a/src/y.ts': 'export {};\n',
    },
    expected: ['a/x.ts:2'],
  },
  {
    title: 'accepts aliases that fall back to packages, and aliases of folders that a build creates',
    files: {
      'package.json': '{"name":"root","workspaces":["packages/*"],"dependencies":{"left-pad":"^1.0.0"}}',
      'packages/core/package.json': '{"name":"core-lib"}',
      'packages/core/src/a.ts': 'export {};\n',
      'tsconfig.json':
        '{"compilerOptions":{"baseUrl":".","paths":{"core-lib/lib/*":["./packages/core/src/*"],"left-*":["./types/left-*"],"@out/*":["./build/out/*"],"@own/*":["./packages/*"]}}}',
      'types/other.d.ts': 'export {};\n',
      'app.ts': lines('core-lib/lib/generated-types', 'left-pad', '@out/client', '@own/none'),
    },
    expected: ['app.ts:4'],
  },
  {
    title: 'accepts files in submodules and files that generators write, also beside paths that Git does not accept',
    files: {
      '.gitmodules': '[submodule "suite"]\n\tpath = test/suite\n\turl = https://acme.io/suite.git\n',
      '.gitignore': 'client.js\n',
      'test/run.js': lines('./suite/runner.js', './suite/lib/all.mjs', '../client'),
      'src/a.ts': lines('./_generated/api', './api.gen', './__generated__/schema', './types.generated', './none'),
    },
    expected: ['src/a.ts:5'],
    arrange: ({ git }) => {
      git('update-index', '--add', '--cacheinfo', `160000,${git('rev-parse', 'HEAD').trim()},test/suite`);
    },
  },
  {
    title: 'ignores inputs of code transformations',
    files: {
      'src/a.js': lines('./b.js'),
      'src/b.js': '',
      'src/__testfixtures__/rename.input.tsx': lines('./none'),
      'tools/fixtures_babel/a.js': lines('./none'),
    },
    expected: 'pass',
  },
]);

const manifest = (...names: readonly string[]): string =>
  JSON.stringify({ name: 'a', dependencies: Object.fromEntries(names.map((name) => [name, '1.0.0'])) });

testCheck(findCheck('BLD_UNDECLARED'), [
  {
    title: 'accepts modules of the frameworks that a manifest declares',
    files: {
      'site/package.json': manifest('@docusaurus/core'),
      'site/src/a.js': lines(
        '@site/src/b',
        '@theme/Layout',
        '@theme-original/Footer',
        '@generated/routes',
        '@docusaurus/Link',
        '@docusaurus/useBaseUrl',
        '@docusaurus/router',
        '@docusaurus/theme-none',
      ),
      'web/package.json': manifest('gatsby', 'next', 'ember-source'),
      'web/b.js': lines(
        '@reach/router',
        'styled-jsx/css',
        '@ember/service',
        'astro:content',
        'virtual:pwa',
        '$lib/x',
        'none',
      ),
    },
    expected: ['site/src/a.js:8', 'web/b.js:7'],
  },
  {
    title: 'reports modules of frameworks that no manifest declares',
    files: { 'package.json': manifest('used'), 'a.js': lines('used', '@theme/Layout', '@ember/service') },
    expected: ['a.js:2', 'a.js:3'],
  },
  {
    title: 'accepts modules of runtimes and of import maps',
    files: {
      'package.json': manifest('used'),
      'a.ts': lines(
        'used',
        'bun',
        'bun:test',
        'npm:chalk',
        'jsr:@std/path',
        'electron',
        'cloudflare:workers',
        'k6/http',
      ),
      'deno/deno.json': '{"imports":{"@std/assert":"jsr:@std/assert@1","mapped/":"./lib/"}}',
      'deno/b.ts': lines('@std/assert', '@std/assert/equals', 'mapped/x', '@std/none'),
    },
    expected: ['deno/b.ts:4'],
  },
  {
    title: 'accepts aliases in the configurations of bundlers, transpilers and test runners',
    files: {
      'package.json': JSON.stringify({
        name: 'a',
        dependencies: { used: '1' },
        jest: { moduleNameMapper: { '^jest-alias/(.*)$': '<rootDir>/src/$1' } },
        _moduleAliases: { registered: 'dist' },
      }),
      'vite.config.ts':
        "export default { resolve: { alias: { '@components': '/src/c', utilities: path.resolve('src/u') } } };\n",
      'vitest.config.ts':
        "export default { test: { alias: [{ find: /^virtual-store\\/(.*)/, replacement: './s/$1' }] } };\n",
      'webpack.config.js': "module.exports = { resolve: { alias: { 'shared$': './shared.js' } } };\n",
      'babel.config.js': "module.exports = { plugins: [['module-resolver', { alias: { assets: './assets' } }]] };\n",
      'metro.config.js': "module.exports = { resolver: { extraNodeModules: { 'native-kit': './kit' } } };\n",
      'src/a.ts': lines(
        '@components/button',
        'utilities/text',
        'virtual-store/x',
        'shared',
        'assets/logo.png',
        'native-kit/view',
        'jest-alias/x',
        'registered/y',
        'none',
      ),
    },
    expected: ['src/a.ts:9'],
  },
  {
    title: 'accepts aliases of extended configurations',
    files: {
      'package.json': '{"name":"r","private":true,"workspaces":["packages/*"]}',
      'config/base.json': '{"compilerOptions":{"baseUrl":"..","paths":{"@cfg/*":["packages/app/src/*"]}}}',
      'packages/app/package.json': '{"name":"app"}',
      'packages/app/tsconfig.json': '{"extends":"../../config/base.json"}',
      'packages/app/src/main.ts': lines('@cfg/b', 'none'),
      'packages/app/src/b.ts': '',
    },
    expected: ['packages/app/src/main.ts:2'],
  },
  {
    title: 'matches Python modules with packages of similar names, and modules of host programs',
    files: {
      'requirements.txt': 'pymongo==4.0\nwtf-peewee==3\ndjango-filter==24\n',
      'a.py':
        'import bson\nimport gridfs\nimport wtfpeewee\nimport django_filters\nimport pyodide\nimport bpy\nimport none\n',
    },
    expected: ['a.py:7'],
  },
]);
