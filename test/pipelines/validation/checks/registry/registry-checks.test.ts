/** Tests the checks of the tool registry category on planted repositories. */
import { registryChecks } from '../../../../../src/pipelines/validation/checks/registry/registry-checks.ts';
import { testCheck } from '../check-cases.ts';

const [commands, entryPoints, documentedPrograms] = registryChecks;
const shell = (...lines: string[]): string => ['```sh', ...lines, '```', ''].join('\n');

testCheck(commands, [
  {
    title: 'skips if no script and no document names a command',
    files: { 'README.md': '# A\n', 'package.json': '{"scripts":{"test":"mocha"}}' },
    expected: 'not_applicable',
  },
  {
    title: 'passes commands that exist',
    files: {
      'package.json':
        '{"name":"a","scripts":{"build":"tsc","all":"npm run build && npm run -s lint:js","lint:js":"x"}}',
      Makefile: '.PHONY: check\ncheck: $(wildcard *.c)\n\techo\ndocs test:\n\techo\n',
      justfile: 'set shell := ["sh"]\n@serve port="1":\n  echo\nalias s := serve\n',
      'scripts/run.sh': '',
      'tools/x.py': '',
      'CONTRIBUTING.md': shell(
        '$ npm install && npm run build -- --watch',
        'yarn lint:js',
        'npm test',
        'make -j4 docs',
        'make',
        'DEBUG=1 make test V=1',
        'just s',
        './scripts/run.sh',
        'python tools/x.py --all # comment',
      ).replace('npm test\n', ''),
    },
    expected: 'pass',
    message: /^9 commands in scripts and documents exist\.$/,
  },
  {
    title: 'reports scripts that call scripts that do not exist',
    files: {
      'package.json':
        '{\n  "name": "a",\n  "scripts": {\n    "a": "npm run -s gone && x",\n    "b": "concurrently \\"npm run gone:two\\"",\n    "c": "pnpm run gone"\n  }\n}\n',
    },
    expected: ['package.json:4', 'package.json:5', 'package.json:6'],
    message: /The script “a” runs “gone”/,
  },
  {
    title: 'does not judge scripts that run in other packages or that need not exist',
    files: {
      'package.json': JSON.stringify({
        name: 'a',
        scripts: {
          a: 'npm run gone -w b',
          b: 'cd b && npm run gone',
          c: 'npm run gone --if-present',
          d: 'pnpm -r run gone',
          e: 'npm run --prefix b gone',
          f: 'yarn run eslint',
          g: 'bun run ./x.ts',
          h: 'npm run $NAME',
          ok: 'npm run a',
        },
      }),
    },
    expected: 'pass',
    message: /^1 command/,
  },
  {
    title: 'reports commands of documents that do not exist, with their lines',
    files: {
      'package.json': '{"name":"a","scripts":{"build":"tsc"}}',
      Makefile: 'check:\n\techo\n',
      justfile: 'serve:\n  echo\n',
      'CONTRIBUTING.md': shell('npm run lint', 'make docs', 'just fmt', 'bash scripts/gone.sh', 'node ./gone.mjs'),
    },
    expected: [2, 3, 4, 5, 6].map((line) => `CONTRIBUTING.md:${line}`),
    message:
      /No package\.json has a script “lint”[\s\S]*target “docs”[\s\S]*recipe “fmt”[\s\S]*scripts\/gone\.sh[\s\S]*gone\.mjs/,
  },
  {
    title: 'does not judge commands for other projects, placeholders, or files that a build creates',
    files: {
      'package.json': '{"name":"a","scripts":{"build":"tsc"}}',
      'README.md': `# A\n\n## Usage\n\n${shell('npm run gone')}\n## Contributing\n\n### Example of a plugin\n\n${shell('npm run gone')}`,
      'docs/guide.md': shell('npm run gone'),
      'CONTRIBUTING.md': [
        shell(
          'npm run <name>',
          'npm run test:$X',
          'bash path/to/x.sh',
          'node dist/lib/cli.js',
          'yarn eslint',
          'make all',
        ),
        shell('npx create-thing', 'cd my-thing', 'npm run gone', 'cd inner', 'npm run gone'),
        '```js\nnpm run gone\n```\n<!--\n```sh\nnpm run gone\n```\n-->\n',
        shell('npm run build'),
      ].join('\n'),
    },
    expected: 'pass',
    message: /^1 command/,
  },
  {
    title: 'follows changes of the folder in a block, also after a clone',
    files: {
      'package.json': '{"name":"a","scripts":{}}',
      'part/package.json': '{"name":"b","scripts":{"here":"x"}}',
      'CONTRIBUTING.md': shell('git clone https://x.example/a.git', 'cd a', 'cd part', 'npm run here', 'npm run gone'),
    },
    expected: ['CONTRIBUTING.md:6'],
  },
  {
    title: 'does not judge targets of a Makefile that includes others or that a build system writes',
    files: {
      Makefile: 'include rules.mk\nall:\n\techo\n',
      'CONTRIBUTING.md': shell('make gone', 'make all'),
    },
    expected: 'pass',
  },
  {
    title: 'judges the README of a private package as a whole, and of others only their sections on development',
    files: {
      'package.json': '{"name":"a","private":true,"scripts":{"dev":"x"}}',
      'README.md': `# App\n\n${shell('npm run dev', 'npm run gone')}`,
    },
    expected: ['README.md:5'],
  },
  ...[
    ['a package that is published', { 'package.json': '{"name":"a","scripts":{"dev":"x"}}' }],
    [
      'a workspace with several packages',
      {
        'package.json': '{"name":"a","private":true,"scripts":{"dev":"x"}}',
        'packages/b/package.json': '{"name":"b","scripts":{}}',
      },
    ],
    ['a package that is not at the root', { 'app/package.json': '{"name":"a","private":true,"scripts":{"dev":"x"}}' }],
  ].map(([what, files]) => ({
    title: `judges only the sections on development of the README of ${what}`,
    files: {
      ...(files as Record<string, string>),
      'README.md': `# App\n\n${shell('npm run gone')}\n## Development\n\n${shell('npm run dev', 'npm run lost')}`,
    },
    expected: ['README.md:11'],
  })),
]);

testCheck(entryPoints, [
  {
    title: 'skips without an announced program',
    files: { 'package.json': '{"name":"a"}' },
    expected: 'not_applicable',
  },
  {
    title: 'passes programs and modules that exist',
    files: {
      'package.json': JSON.stringify({
        name: 'a',
        bin: { a: './cli.js' },
        main: 'lib',
        exports: { '.': { import: './index.mjs', types: './index.d.ts' }, './x/*': './gone/*.js' },
      }),
      'cli.js': '',
      'lib/index.js': '',
      'index.mjs': '',
      'index.d.ts': '',
      'pyproject.toml':
        '[project]\nname = "p"\n[project.scripts]\np = "p.cli:main"\nq = "p:run"\nfar = "elsewhere.x:main"\n[tool.poetry.scripts]\nr = "p.fast:go"\n',
      'src/p/__init__.py': 'from .cli import main as run\n',
      'src/p/cli.py': 'def main(): ...\n',
      'src/p/fast.pyx': '',
      'Cargo.toml':
        '[package]\nname = "r"\n[lib]\npath = "core/lib.rs"\n[[bin]]\nname = "tool"\n[[bin]]\nname = "other"\npath = "o.rs"\n',
      'core/lib.rs': '',
      'src/bin/tool/main.rs': '',
      'o.rs': '',
    },
    expected: 'pass',
  },
  {
    title: 'reports programs and modules that do not exist',
    files: {
      'package.json': '{"name":"a","bin":"cli.js","exports":{"./x":{"require":"./x.cjs"}}}',
      'pyproject.toml': '[project]\nname = "p"\n[project.scripts]\np = "p.gone:main"\nq = "p.cli:gone"\n',
      'p/__init__.py': '',
      'p/cli.py': 'def main(): ...\n',
      'Cargo.toml': '[package]\nname = "r"\n[[bin]]\nname = "tool"\n',
    },
    expected: ['package.json', 'package.json', 'pyproject.toml', 'pyproject.toml', 'Cargo.toml'],
    message:
      /bin: the file cli\.js[\s\S]*exports “\.\/x” “require”[\s\S]*module p\.gone[\s\S]*p\/cli\.py does not define gone[\s\S]*src\/bin\/tool\.rs/,
  },
  {
    title: 'does not report files that a build may create, modules of packages, or those of a private package',
    files: {
      'package.json': '{"name":"a","private":true,"workspaces":["*"],"main":"gone.js"}',
      'built/package.json': '{"name":"b","bin":"gone.js","scripts":{"build":"x"}}',
      'routed/package.json': '{"name":"c","main":"router/entry","dependencies":{"router":"1"}}',
    },
    expected: 'pass',
  },
]);

testCheck(documentedPrograms, [
  {
    title: 'skips without an announced program, and without documents',
    files: { 'package.json': '{"private":true,"bin":{"gone":"a.js"}}', 'README.md': '# A\n' },
    expected: 'not_applicable',
  },
  {
    title: 'passes programs that a document mentions by one of their names, also in a manual page',
    files: {
      'package.json': '{"name":"@s/one","bin":{"greet":"a.js","gr":"a.js","wave":"b.js"}}',
      'py/pyproject.toml': '[project]\nname = "p"\n[project.scripts]\nbow = "p:main"\n',
      'py/uv.lock': '',
      'rs/Cargo.toml': '[package]\nname = "nod"\nversion = "1.0.0"\n',
      'rs/src/main.rs': 'fn main() {}\n',
      'README.md': 'Run `greet`, `wave` or Nod.\n',
      'man/bow.1': '.TH BOW 1\n',
    },
    expected: 'pass',
    message: /^Documents mention 4 announced programs\.$/,
  },
  {
    title: 'reports programs that no document mentions, also if a longer name contains theirs',
    files: {
      'package.json': '{"name":"lint","bin":"a.js"}',
      'pyproject.toml': '[project]\nname = "p"\n[project.scripts]\nbow = "p:main"\nbo = "p:main"\n',
      'Cargo.toml': '[package]\nname = "w"\nversion = "1.0.0"\n[[bin]]\nname = "wave"\n',
      'src/main.rs': 'fn main() {}\n',
      'README.md': 'See lint-staged, bows and microwave.\n',
    },
    expected: ['package.json', 'pyproject.toml', 'Cargo.toml'],
    message: /No document mentions the program “bow” or “bo”/,
  },
]);
