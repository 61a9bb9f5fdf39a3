/** Marks of direction, breakpoints, dangerous calls, escape hatches and open remarks: in code they count, in strings not. */
import assert from 'node:assert/strict';
import type { Check, Outcome } from '../../../../../src/pipelines/validation/check/check.ts';
import { bidi } from '../../../../../src/pipelines/validation/checks/safety/code/bidi.ts';
import { dangerous, debug } from '../../../../../src/pipelines/validation/checks/safety/code/dangerous.ts';
import { escapeHatches, todo } from '../../../../../src/pipelines/validation/checks/safety/code/escape-hatches.ts';
import { confirms } from '../../../../../src/pipelines/validation/checks/safety/scan/confirm-calls.ts';
import { rules } from '../../../../../src/pipelines/validation/checks/safety/scan/scan-rules.ts';
import { plant } from '../../planted-repository.ts';
import { type Case, casesOf } from '../check-cases.ts';

const nothing: Case = { what: 'skips where there is no source', files: { 'a.bin': 'x' }, found: 'not_applicable' };
const [override, isolate, pop] = ['\u202e', '\u2066', '\u2069'];

describe('rules', () => {
  it('that count as calls alone are those that are confirmed, in languages whose calls are known', () => {
    const calls = rules.filter(({ call }) => call);
    assert.deepEqual(calls.map(({ id }) => id).sort(), Object.keys(confirms).sort());
    assert.ok(calls.length > 0);
    for (const { id, families } of calls) {
      assert.ok(
        families?.every((family) => ['typescript', 'javascript', 'python'].includes(family)),
        id,
      );
    }
    assert.equal(new Set(rules.map(({ id }) => id)).size, rules.length);
  });
});

casesOf(bidi, [
  nothing,
  { what: 'passes plain code', files: { 'a.ts': 'const a = "b";\n' }, found: 'pass' },
  {
    what: 'finds a mark that is not closed in its string or comment, and any in code',
    files: {
      'a.ts': `const a = 'x';\n// ${override} } begin admin only\n`,
      'b.py': `b = "${isolate}user"\n`,
      'c.go': `package c\nvar a${override}b = 1\n`,
    },
    found: ['a.ts:2', 'b.py:1', 'c.go:2'],
  },
  {
    what: 'passes a text in another direction that is closed, and translations',
    files: {
      'a.ts': `const a = '${isolate}שלום${pop}';\n`,
      'b.md': `${override}\n`,
      'vendor/c.js': `// ${override}\n`,
    },
    found: 'pass',
  },
]);

casesOf(debug, [
  nothing,
  {
    what: 'passes words in strings, comments, names and tests',
    files: {
      'a.ts':
        '// debugger;\nconst a = "debugger;";\nconst b = { debugger: 1 };\nb.debugger;\nconst c = /debugger;/;\nlet d = `\ndebugger;\n`;\n',
      'b.py':
        '"""\nbreakpoint()\n"""\nclass A:\n    def breakpoint(self): pass\n    def f(self):\n        self.breakpoint()\n# pdb.set_trace()\n',
      'c.rs': '// dbg!(1)\nfn a() { let s = "dbg!(1)"; }\n#[cfg(test)]\nmod tests {\n  fn t() { dbg!(1); }\n}\n',
      'test/d.test.ts': 'debugger;\n',
    },
    found: 'pass',
    says: /4 files/,
  },
  {
    what: 'finds breakpoints of each language',
    files: {
      'a.ts': 'function a() {\n  debugger;\n  return `$' + '{(() => { debugger; })()}`;\n}\n',
      'b.py': 'import pdb\nfrom ipdb import set_trace as stop\n\ndef f():\n    breakpoint()\n    pdb.set_trace()\n',
      'c.rs': 'fn a() {\n    let b = dbg!(1 + 1);\n}\n',
      'd.rb': 'def a\n  binding.pry\nend\n',
    },
    found: ['a.ts:2', 'a.ts:3', 'b.py:5', 'b.py:6', 'c.rs:2', 'd.rb:2'],
  },
]);

casesOf(dangerous, [
  nothing,
  {
    what: 'passes safe calls of the same names',
    files: {
      'a.ts':
        'class M { eval(x: string) { return x; } }\nnew M().eval("1");\neval("1 + 1");\nconst f = new Function("return this")();\nconst g = Function("return this")();\n// eval(x)\nconst s = "eval(x)";\nimport { eval as e } from "./b";\n',
      'b.py':
        'import json, yaml, subprocess\nfrom ruamel.yaml import YAML\njson.loads(x)\nyaml.safe_load(x)\nyaml.load(x, Loader=yaml.SafeLoader)\nYAML().load(x)\nmodel.eval()\nsubprocess.run("ls", shell=True)\nsubprocess.run(x, shell=False)\n\ndef exec(x): pass\nexec(x)\n',
      'c.rs':
        'fn a() {\n    // SAFETY: the pointer is valid.\n    unsafe { b() };\n    let s = "unsafe { }";\n    unsafe {\n        // Safety: as above.\n        b()\n    }\n}\nunsafe fn b() {}\n',
      'd.go': 'package d\n// unsafe.Pointer(x)\n',
      'tests/test_e.py': 'eval(x)\n',
    },
    found: 'pass',
    says: /5 files/,
  },
  {
    what: 'finds what runs texts, data or memory unchecked, by whatever name it was imported',
    files: {
      'a.ts': 'export function run(x: string) {\n  eval(x);\n  window.eval(x);\n  return new Function("a", x);\n}\n',
      'b.py':
        'import pickle as p\nfrom marshal import loads\nimport yaml, os, subprocess as sp\n\ndef f(x):\n    p.loads(x)\n    loads(x)\n    yaml.load(x)\n    yaml.load(x, Loader=yaml.Loader)\n    os.system("rm " + x)\n    sp.run(\n        x,\n        shell=True,\n    )\n    exec(x)\n',
      'c.rs': 'fn a() {\n    let x = 1;\n    unsafe { b() };\n}\n',
      'd.go': 'package d\nvar p = (*int)(unsafe.Pointer(q))\n',
    },
    found: [
      'a.ts:2',
      'a.ts:3',
      'a.ts:4',
      'b.py:6',
      'b.py:7',
      'b.py:8',
      'b.py:9',
      'b.py:10',
      'b.py:13',
      'b.py:15',
      'c.rs:3',
      'd.go:2',
    ],
  },
]);

casesOf(escapeHatches, [nothing]);
casesOf(todo, [nothing]);

/** The same repository three times: as it was, with more, with less. */
async function thrice(
  check: Check,
  file: string,
  texts: readonly [string, string, string],
): Promise<[Outcome, Outcome, Outcome]> {
  const planted = await plant({ [file]: texts[0] }, { git: true });
  try {
    const outcomes: Outcome[] = [];
    for (const text of texts) {
      planted.put(file, text);
      outcomes.push(await check.run(await planted.again()));
    }
    return outcomes as [Outcome, Outcome, Outcome];
  } finally {
    planted.dispose();
  }
}

interface Hatch {
  readonly file: string;
  /** Holds one. */
  readonly one: string;
  /** Holds none. */
  readonly none: string;
  readonly check?: Check;
}

const hatches: readonly Hatch[] = [
  {
    file: 'a.ts',
    one: 'let a: any = 1;',
    none: 'const any = b.any(c, any); // any\nconst s = ": any";\ntype T = { any: 1 };',
  },
  { file: 'b.ts', one: 'let a = b as any;', none: 'let a = b as Anything;' },
  { file: 'c.ts', one: 'let a: any[] = [];', none: 'let any = [1]; f({ any });' },
  { file: 'd.ts', one: 'let a: Map<string, any>;', none: 'f(a, any(b));' },
  { file: 'e.ts', one: '// @ts-ignore', none: '// speaks of @ts-ignore\n// @ts-expect-error checked' },
  { file: 'f.js', one: '/* eslint-disable no-console */', none: 'const a = "// eslint-disable-line";' },
  { file: 'g.py', one: 'try: pass\nexcept: pass', none: 'try: pass\nexcept Exception: pass\n"""\nexcept:\n"""' },
  { file: 'h.py', one: 'a = b  # type: ignore[attr]', none: 'a = "# type: ignore"' },
  {
    file: 'i.rs',
    one: 'fn a() { b().unwrap(); }',
    none: 'fn a() { b().unwrap_or(1); } // .unwrap()\n#[test]\nfn t() { b().unwrap(); }',
  },
  { file: 'j.rs', one: 'fn a() { panic!("x"); }', none: 'fn a() { std::panic::catch_unwind(f); let s = "panic!()"; }' },
  { file: 'k.go', one: 'package k //nolint:errcheck', none: 'package k // see nolint.md' },
  {
    file: 'l.go',
    one: '// TODO(ann): this',
    none: '// the TODOs of others, todo\nvar TODO = "FIXME: no"',
    check: todo,
  },
  { file: 'm.sh', one: 'a=1 # FIXME later', none: 'echo "# FIXME"; a=$' + '{b#TODO }; mktemp aXXX', check: todo },
  { file: 'n.html', one: '<!-- HACK: x -->', none: '<p>TODO: x</p>', check: todo },
  { file: 'o.sql', one: '-- XXX why', none: "select '-- TODO: x';", check: todo },
];

describe('a baseline', () => {
  for (const check of [escapeHatches, todo]) {
    const rows = hatches.filter((row) => (row.check ?? escapeHatches) === check);

    it(`of ${check.id} is set where there is none, exceeded by each of ${rows.length}, and kept`, async () => {
      const planted = await plant({}, { git: true });
      const write = (text: (row: Hatch) => string): void => {
        for (const row of rows) planted.put(row.file, `${text(row)}\n`);
        planted.git('add', '--all');
      };
      try {
        write(({ none }) => none);
        const first = await check.run(await planted.again());
        assert.deepEqual([first.status, first.findings], ['pass', undefined], first.message);
        assert.match(first.message, new RegExp(`^No .* in ${rows.length} files: noted as the baseline`));
        write(({ none, one }) => `${none}\n${one}`);
        const more = await check.run(await planted.again());
        assert.equal(more.status, 'fail', more.message);
        assert.deepEqual(
          more.findings?.map(({ file, line }) => `${file}:${line}`),
          rows.map(({ file, one, none }) => `${file}:${`${none}\n${one}`.split('\n').length}`),
        );
        write(({ none }) => none);
        const less = await check.run(await planted.again());
        assert.match(less.message, /no more than before/);
      } finally {
        planted.dispose();
      }
    });
  }

  it('takes a line that moved for the same, and one that replaces another for no more', async () => {
    const [first, moved, other] = await thrice(escapeHatches, 'a.ts', [
      'let a: any;\nlet b: any;\n',
      '\n\nlet b: any;\nlet a: any;\n',
      'let b: any;\nlet c: any;\n',
    ]);
    assert.deepEqual([first.status, moved.status, other.status], ['pass', 'pass', 'pass']);
    assert.match(moved.message, /no more than before/);
  });

  it('sinks and does not rise again', async () => {
    const two = 'let a: any;\nlet b: any;\n';
    const [, fewer, again] = await thrice(escapeHatches, 'a.ts', [two, 'let a: any;\n', two]);
    assert.match(fewer.message, /1 fewer than before/);
    assert.equal(again.status, 'fail');
    assert.deepEqual(
      again.findings?.map(({ line }) => line),
      [2],
    );
  });
});
