/** Tests the syntax check on files that do not parse. */
import { testCheck } from '../check-cases.ts';
import { findCheck, goProject, pythonProject, testCheckWith } from './fake-tools.ts';

testCheck(findCheck('BLD_SYNTAX'), [
  { title: 'skips a workspace without source files', files: { 'README.md': '' }, expected: 'not_applicable' },
  {
    title: 'accepts files that a second parser accepts, and files that are broken on purpose',
    files: {
      'a.js': 'return 1;\n',
      'b.mjs': 'export default async () => { await using x = f(); };\n',
      'c.ts': 'enum A { B }\nexport class C { constructor(private readonly d = 1) {} accessor e = 2; }\n',
      'd.js': '// @flow\nconst a: {| b: ?string |} = c;\n',
      'test/fixtures/e.js': 'let = ;\n',
      'test/bad-syntax.js': 'let = ;\n',
      'test/expressions/fail/dangling/input.js': 'let = ;\n',
      'f.py': 'match x:\n    case [1, *_] if y: pass\n',
    },
    expected: 'pass',
  },
  {
    title: 'accepts templates and unused files that are broken on purpose',
    files: {
      'hooks/post_gen.py':
        'import sys\n\n{% if c.abort == "yes" %}\nsys.exit(5)\n{% else %}\nsys.exit(0)\n{% endif %}\n',
      'charts/app/config.js': 'const a = [\n{{- range .Values.hosts }}\n  x,\n{{- end }}\n];\n',
      'generators/page.ts': '<% if (typed) { %>\nimport x from y;\n<% } %>\n',
      'templates/app/a.js': 'export const name = {{ name }};\nlet = ;\n',
      'examples/lesson/string-invalid.js': 'let = ;\n',
      'examples/lesson/invalid/index.js': 'let = ;\n',
      'big.ts': `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 9\n`,
      'b.js': 'f();\n',
    },
    expected: 'pass',
  },
  {
    title: 'reports errors in code that is only called broken',
    files: { 'src/broken.py': 'def f(:\n', 'invalid.js': 'let = ;\n', 'src/b.js': 'f();\n' },
    expected: ['invalid.js:1', 'src/broken.py:1'],
  },
  {
    title: 'reports errors in files that are used, and in folders called templates without tags of a template engine',
    files: {
      'src/main.js': "import './date-invalid.js';\n",
      'src/date-invalid.js': 'let = ;\n',
      'src/templates/page.js': 'let = ;\n',
      'test/fail/run.test.js': 'let = ;\n',
      'src/text.js': 'const a = "{% if x %}";\nlet = ;\n',
    },
    expected: ['src/date-invalid.js:1', 'src/templates/page.js:1', 'src/text.js:2', 'test/fail/run.test.js:1'],
  },
  {
    title: 'reports syntax errors beside JSX, in modules, and beside text that looks like a template',
    files: {
      'a.tsx': "export const A = () => (\n  <p style={{ color: 'red' }}\n  >{a b}</p>\n);\n",
      'b.jsx': 'export const B = () => <b>{x y}</b>;\n',
      'c.js': '// renders <% tags %>\nimport x from "x";\nexport const y = ;\n',
      'd.js': 'const a = <b>x</b>;\nconst = 1;\n',
      'e.ts': 'const a = {a: {b: 1}}\nf(;\n',
      'good.jsx': 'export const D = ({ a }: Props) => <>{a?.b ?? <b {...a} />}</>;\n',
      'good.tsx': 'export const E = <T,>(a: T) => <b<T> key="1">{a as unknown as string}</b>;\n',
      'pipeline.jsx': 'export const F = a |> <b>{%}</b>;\n',
    },
    expected: ['a.tsx:3', 'b.jsx:1', 'c.js:3', 'd.js:2', 'e.ts:2'],
  },
  {
    title: 'reports syntax errors with file and line',
    files: { 'a.js': 'f();\nlet x = ;\n', 'b.ts': 'const a: number = 1;\nfunction ( {\n', 'c.mjs': 'import x from;\n' },
    expected: ['a.js:2', 'b.ts:2', 'c.mjs:1'],
    message: /^3 of 3 source files have syntax errors/,
  },
]);

testCheckWith('python3', 'BLD_SYNTAX', [
  {
    title: 'reports Python syntax errors, including those that the grammar accepts',
    files: { ...pythonProject('def f():\nreturn 1\n'), 'b.py': 'x = (1,\n' },
    expected: ['a.py:2', 'b.py:1'],
  },
  { title: 'ignores Python 2 code', files: pythonProject('print "a"\n'), expected: 'pass' },
  {
    title: 'ignores code for a newer Python than is installed',
    files: { ...pythonProject('def f(:\n'), 'pyproject.toml': '[project]\nname="a"\nrequires-python=">=3.99"\n' },
    expected: 'pass',
    message: /Could not parse 1 file with the available parsers, for example a\.py/,
  },
  {
    title: 'reads the required version of Python from setup.py too',
    files: {
      'setup.py': "from setuptools import setup\nsetup(\n    python_requires='>=3.99',\n)\n",
      'a.py': 'def f(:\n',
    },
    expected: 'pass',
  },
]);

testCheckWith('go', 'BLD_SYNTAX', [
  {
    title: 'reports Go syntax errors',
    files: { ...goProject, 'p/a.go': 'package p\n\nfunc f( {\n' },
    expected: ['p/a.go:3'],
  },
]);
