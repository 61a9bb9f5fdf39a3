/** Tests the checks that scan code: bidirectional characters, debugging statements, dangerous calls, and baselines. */
import assert from 'node:assert/strict';
import type { Check, CheckOutcome } from '../../../../../src/pipelines/validation/check/check.ts';
import { bidi } from '../../../../../src/pipelines/validation/checks/safety/code/bidi.ts';
import { dangerous } from '../../../../../src/pipelines/validation/checks/safety/code/dangerous.ts';
import { debug } from '../../../../../src/pipelines/validation/checks/safety/code/debug.ts';
import { escapeHatches } from '../../../../../src/pipelines/validation/checks/safety/code/escape-hatches.ts';
import { todo } from '../../../../../src/pipelines/validation/checks/safety/code/todo.ts';
import { callTests } from '../../../../../src/pipelines/validation/checks/safety/scan/confirm-calls.ts';
import { scanRules } from '../../../../../src/pipelines/validation/checks/safety/scan/scan-rules.ts';
import { plant } from '../../planted-repository.ts';
import { type CheckCase, testCheck } from '../check-cases.ts';

const withoutSource: CheckCase = {
  title: 'skips a repository without source files',
  files: { 'a.bin': 'x' },
  expected: 'not_applicable',
};
const [override, isolate, pop] = ['\u202e', '\u2066', '\u2069'];

describe('scan rules', () => {
  it('have a call test exactly if a match must be a call, and only in languages with a parser', () => {
    const calls = scanRules.filter(({ mustBeCall }) => mustBeCall);
    assert.deepEqual(calls.map(({ id }) => id).sort(), Object.keys(callTests).sort());
    assert.ok(calls.length > 0);
    for (const { id, families } of calls) {
      assert.ok(
        families?.every((family) => ['typescript', 'javascript', 'python'].includes(family)),
        id,
      );
    }
    assert.equal(new Set(scanRules.map(({ id }) => id)).size, scanRules.length);
  });
});

testCheck(bidi, [
  withoutSource,
  { title: 'passes plain code', files: { 'a.ts': 'const a = "b";\n' }, expected: 'pass' },
  {
    title: 'finds unclosed characters in strings and comments, and all in code',
    files: {
      'a.ts': `const a = 'x';\n// ${override} } begin admin only\n`,
      'b.py': `b = "${isolate}user"\n`,
      'c.go': `package c\nvar a${override}b = 1\n`,
    },
    expected: ['a.ts:2', 'b.py:1', 'c.go:2'],
  },
  {
    title: 'accepts closed characters, documents and vendored files',
    files: {
      'a.ts': `const a = '${isolate}שלום${pop}';\n`,
      'b.md': `${override}\n`,
      'vendor/c.js': `// ${override}\n`,
    },
    expected: 'pass',
  },
]);

testCheck(debug, [
  withoutSource,
  {
    title: 'ignores strings, comments, names and tests',
    files: {
      'a.ts':
        '// debugger;\nconst a = "debugger;";\nconst b = { debugger: 1 };\nb.debugger;\nconst c = /debugger;/;\nlet d = `\ndebugger;\n`;\n',
      'b.py':
        '"""\nbreakpoint()\n"""\nclass A:\n    def breakpoint(self): pass\n    def f(self):\n        self.breakpoint()\n# pdb.set_trace()\n',
      'c.rs': '// dbg!(1)\nfn a() { let s = "dbg!(1)"; }\n#[cfg(test)]\nmod tests {\n  fn t() { dbg!(1); }\n}\n',
      'test/d.test.ts': 'debugger;\n',
    },
    expected: 'pass',
    message: /4 files/,
  },
  {
    title: 'finds debugging statements of each language',
    files: {
      'a.ts': 'function a() {\n  debugger;\n  return `$' + '{(() => { debugger; })()}`;\n}\n',
      'b.py': 'import pdb\nfrom ipdb import set_trace as stop\n\ndef f():\n    breakpoint()\n    pdb.set_trace()\n',
      'c.rs': 'fn a() {\n    let b = dbg!(1 + 1);\n}\n',
      'd.rb': 'def a\n  binding.pry\nend\n',
    },
    expected: ['a.ts:2', 'a.ts:3', 'b.py:5', 'b.py:6', 'c.rs:2', 'd.rb:2'],
  },
]);

testCheck(dangerous, [
  withoutSource,
  {
    title: 'accepts safe calls with the same names',
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
    expected: 'pass',
    message: /5 files/,
  },
  {
    title: 'finds dangerous calls under any imported name',
    files: {
      'a.ts': 'export function run(x: string) {\n  eval(x);\n  window.eval(x);\n  return new Function("a", x);\n}\n',
      'b.py':
        'import pickle as p\nfrom marshal import loads\nimport yaml, os, subprocess as sp\n\ndef f(x):\n    p.loads(x)\n    loads(x)\n    yaml.load(x)\n    yaml.load(x, Loader=yaml.Loader)\n    os.system("rm " + x)\n    sp.run(\n        x,\n        shell=True,\n    )\n    exec(x)\n',
      'c.rs': 'fn a() {\n    let x = 1;\n    unsafe { b() };\n}\n',
      'd.go': 'package d\nvar p = (*int)(unsafe.Pointer(q))\n',
    },
    expected: [
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

testCheck(escapeHatches, [withoutSource]);
testCheck(todo, [withoutSource]);

/** Runs a check on three versions of a file, with the same cache. */
async function runThreeTimes(
  check: Check,
  file: string,
  texts: readonly [string, string, string],
): Promise<[CheckOutcome, CheckOutcome, CheckOutcome]> {
  const planted = await plant({ [file]: texts[0] }, { git: true });
  try {
    const outcomes: CheckOutcome[] = [];
    for (const text of texts) {
      planted.put(file, text);
      outcomes.push(await check.run(await planted.again()));
    }
    return outcomes as [CheckOutcome, CheckOutcome, CheckOutcome];
  } finally {
    planted.dispose();
  }
}

interface BaselineCase {
  readonly file: string;
  /** Text with one match. */
  readonly withMatch: string;
  /** Text without matches. */
  readonly withoutMatch: string;
  readonly check?: Check;
}

const baselineCases: readonly BaselineCase[] = [
  {
    file: 'a.ts',
    withMatch: 'let a: any = 1;',
    withoutMatch: 'const any = b.any(c, any); // any\nconst s = ": any";\ntype T = { any: 1 };',
  },
  { file: 'b.ts', withMatch: 'let a = b as any;', withoutMatch: 'let a = b as Anything;' },
  { file: 'c.ts', withMatch: 'let a: any[] = [];', withoutMatch: 'let any = [1]; f({ any });' },
  { file: 'd.ts', withMatch: 'let a: Map<string, any>;', withoutMatch: 'f(a, any(b));' },
  { file: 'e.ts', withMatch: '// @ts-ignore', withoutMatch: '// speaks of @ts-ignore\n// @ts-expect-error checked' },
  { file: 'f.js', withMatch: '/* eslint-disable no-console */', withoutMatch: 'const a = "// eslint-disable-line";' },
  {
    file: 'g.py',
    withMatch: 'try: pass\nexcept: pass',
    withoutMatch: 'try: pass\nexcept Exception: pass\n"""\nexcept:\n"""',
  },
  { file: 'h.py', withMatch: 'a = b  # type: ignore[attr]', withoutMatch: 'a = "# type: ignore"' },
  {
    file: 'i.rs',
    withMatch: 'fn a() { b().unwrap(); }',
    withoutMatch: 'fn a() { b().unwrap_or(1); } // .unwrap()\n#[test]\nfn t() { b().unwrap(); }',
  },
  {
    file: 'j.rs',
    withMatch: 'fn a() { panic!("x"); }',
    withoutMatch: 'fn a() { std::panic::catch_unwind(f); let s = "panic!()"; }',
  },
  { file: 'k.go', withMatch: 'package k //nolint:errcheck', withoutMatch: 'package k // see nolint.md' },
  {
    file: 'l.go',
    withMatch: '// TODO(ann): this',
    withoutMatch: '// the TODOs of others, todo\nvar TODO = "FIXME: no"',
    check: todo,
  },
  {
    file: 'm.sh',
    withMatch: 'a=1 # FIXME later',
    withoutMatch: 'echo "# FIXME"; a=$' + '{b#TODO }; mktemp aXXX',
    check: todo,
  },
  { file: 'n.html', withMatch: '<!-- HACK: x -->', withoutMatch: '<p>TODO: x</p>', check: todo },
  { file: 'o.sql', withMatch: '-- XXX why', withoutMatch: "select '-- TODO: x';", check: todo },
];

describe('baseline', () => {
  for (const check of [escapeHatches, todo]) {
    const rows = baselineCases.filter((row) => (row.check ?? escapeHatches) === check);

    it(`of ${check.id} is saved by the first run, exceeded by each of ${rows.length} new matches, and kept`, async () => {
      const planted = await plant({}, { git: true });
      const write = (text: (row: BaselineCase) => string): void => {
        for (const row of rows) planted.put(row.file, `${text(row)}\n`);
        planted.git('add', '--all');
      };
      try {
        write(({ withoutMatch }) => withoutMatch);
        const first = await check.run(await planted.again());
        assert.deepEqual([first.status, first.findings], ['pass', undefined], first.message);
        assert.match(first.message, new RegExp(`^No .* in ${rows.length} files\\. Saved as the baseline\\.`));
        write(({ withoutMatch, withMatch }) => `${withoutMatch}\n${withMatch}`);
        const more = await check.run(await planted.again());
        assert.equal(more.status, 'fail', more.message);
        assert.deepEqual(
          more.findings?.map(({ file, line }) => `${file}:${line}`),
          rows.map(
            ({ file, withMatch, withoutMatch }) => `${file}:${`${withoutMatch}\n${withMatch}`.split('\n').length}`,
          ),
        );
        write(({ withoutMatch }) => withoutMatch);
        const less = await check.run(await planted.again());
        assert.match(less.message, /no more than before/);
      } finally {
        planted.dispose();
      }
    });
  }

  it('accepts moved lines, and new matches that replace others', async () => {
    const [first, moved, other] = await runThreeTimes(escapeHatches, 'a.ts', [
      'let a: any;\nlet b: any;\n',
      '\n\nlet b: any;\nlet a: any;\n',
      'let b: any;\nlet c: any;\n',
    ]);
    assert.deepEqual([first.status, moved.status, other.status], ['pass', 'pass', 'pass']);
    assert.match(moved.message, /no more than before/);
  });

  it('only ever decreases', async () => {
    const two = 'let a: any;\nlet b: any;\n';
    const [, fewer, again] = await runThreeTimes(escapeHatches, 'a.ts', [two, 'let a: any;\n', two]);
    assert.match(fewer.message, /1 fewer than before/);
    assert.equal(again.status, 'fail');
    assert.deepEqual(
      again.findings?.map(({ line }) => line),
      [2],
    );
  });
});
