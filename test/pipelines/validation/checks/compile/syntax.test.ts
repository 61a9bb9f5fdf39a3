/** Files that no parser reads, on planted repositories. */
import { casesOf } from '../check-cases.ts';
import { casesWith, checkOf, goModule, snake } from './fake-tools.ts';

casesOf(checkOf('BLD_SYNTAX'), [
  { what: 'has nothing to say of prose', files: { 'README.md': '' }, found: 'not_applicable' },
  {
    what: 'takes what the first parser does not understand, if another does, and what is broken on purpose or not ours',
    files: {
      'a.js': 'return 1;\n',
      'b.mjs': 'export default async () => { await using x = f(); };\n',
      'c.ts': 'enum A { B }\nexport class C { constructor(private readonly d = 1) {} accessor e = 2; }\n',
      'd.js': '// @flow\nconst a: {| b: ?string |} = c;\n',
      'test/fixtures/e.js': 'let = ;\n',
      'test/bad-syntax.js': 'let = ;\n',
      'f.py': 'match x:\n    case [1, *_] if y: pass\n',
    },
    found: 'pass',
  },
  {
    what: 'finds what does not parse, with file and line',
    files: { 'a.js': 'f();\nlet x = ;\n', 'b.ts': 'const a: number = 1;\nfunction ( {\n', 'c.mjs': 'import x from;\n' },
    found: ['a.js:2', 'b.ts:2', 'c.mjs:1'],
    says: /^3 of 3 sources cannot be read/,
  },
]);

casesWith('python3', 'BLD_SYNTAX', [
  {
    what: 'finds Python that does not parse, also where the grammar is lenient',
    files: { ...snake('def f():\nreturn 1\n'), 'b.py': 'x = (1,\n' },
    found: ['a.py:2', 'b.py:1'],
  },
  { what: 'leaves alone what is older than any Python 3', files: snake('print "a"\n'), found: 'pass' },
  {
    what: 'leaves alone what an older Python does not know',
    files: { ...snake('def f(:\n'), 'pyproject.toml': '[project]\nname="a"\nrequires-python=">=3.99"\n' },
    found: 'pass',
    says: /1 file could be read by no parser at hand, such as a\.py/,
  },
]);

casesWith('go', 'BLD_SYNTAX', [
  {
    what: 'finds Go that does not parse',
    files: { ...goModule, 'p/a.go': 'package p\n\nfunc f( {\n' },
    found: ['p/a.go:3'],
  },
]);
