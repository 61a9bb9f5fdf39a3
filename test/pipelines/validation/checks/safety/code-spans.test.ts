/** Comments and strings are where the languages' own readers see them. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ts } from '@ts-morph/common';
import {
  codeIn,
  familyIdOf,
  type Span,
  spansOf,
} from '../../../../../src/pipelines/validation/checks/safety/scan/code-spans.ts';

const root = join(import.meta.dirname, '../../../../..');
const commentsOf = (spans: readonly Span[]): [number, number][] =>
  spans.filter(({ kind }) => kind === 'comment').map(({ start, end }) => [start, end]);

/** Every comment by TypeScript's own parser: those around each token. */
function truth(file: string, text: string): [number, number][] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found = new Map<number, number>();
  const visit = (node: ts.Node): void => {
    // What stands between tags of JSX is text, whatever it looks like.
    if (node.kind === ts.SyntaxKind.JsxText) return;
    if (node.getChildCount(source) === 0) {
      const ranges = [
        ...(ts.getLeadingCommentRanges(text, node.getFullStart()) ?? []),
        ...(ts.getTrailingCommentRanges(text, node.getEnd()) ?? []),
      ];
      for (const { pos, end } of ranges) if (pos >= node.getEnd() || end <= node.getStart(source)) found.set(pos, end);
    }
    node.getChildren(source).forEach(visit);
  };
  visit(source);
  return [...found].sort(([a], [b]) => a - b);
}

describe('spans of TypeScript', () => {
  it('have the comments that TypeScript sees, in every source of this project', () => {
    const files = globSync('{src,webview,test/core,test/pipelines,test/probe}/**/*.{ts,tsx}', { cwd: root });
    let comments = 0;
    for (const file of files) {
      const text = readFileSync(join(root, file), 'utf8');
      const expected = truth(file, text);
      comments += expected.length;
      assert.deepEqual(commentsOf(spansOf(text, 'typescript')), expected, file);
    }
    assert.ok(files.length > 200 && comments > 2000, `${files.length} files, ${comments} comments`);
  });
});

/** Prints start and end of every comment by Python's own tokenizer, in characters, for each file of a list. */
const tokenizer = `
import io, json, sys, tokenize
out = {}
for name in json.load(sys.stdin):
    text = open(name, encoding='utf-8', newline='').read()
    starts = [0]
    for line in text.split('\\n'): starts.append(starts[-1] + len(line) + 1)
    out[name] = [[starts[t.start[0] - 1] + t.start[1], starts[t.end[0] - 1] + t.end[1]]
                 for t in tokenize.generate_tokens(io.StringIO(text, newline='').readline) if t.type == tokenize.COMMENT]
print(json.dumps(out))
`;

describe('spans of Python', () => {
  it('have the comments that Python sees, in its own library', () => {
    const python = (args: string[], input = ''): string =>
      execFileSync('python3', args, { input, encoding: 'utf8', maxBuffer: 64e6 });
    const library = python(['-c', 'import os; print(os.path.dirname(os.__file__))']).trim();
    // Plain ASCII: Python counts characters, we count UTF-16 units.
    const files = globSync('*.py', { cwd: library })
      .map((file) => join(library, file))
      .filter((file) => /^[\n -~\t\f]*$/.test(readFileSync(file, 'utf8')));
    const expected = JSON.parse(python(['-c', tokenizer], JSON.stringify(files))) as Record<string, [number, number][]>;
    let comments = 0;
    for (const [file, ranges] of Object.entries(expected)) {
      comments += ranges.length;
      assert.deepEqual(commentsOf(spansOf(readFileSync(file, 'utf8'), 'python')), ranges, file);
    }
    assert.ok(files.length > 100 && comments > 5000, `${files.length} files, ${comments} comments`);
  });
});

describe('spans', () => {
  /** `c` where a comment stands, `s` where a string does, the text elsewhere. */
  function drawn(text: string, file: string): string {
    const id = familyIdOf(file);
    assert.ok(id, file);
    const signs = [...text];
    for (const { kind, start, end } of spansOf(text, id)) signs.fill(kind[0] ?? '', start, end);
    return signs.join('');
  }

  const rows: readonly [file: string, text: string, drawn: string][] = [
    ['a.ts', 'a / b // c', 'a / b cccc'],
    ['a.ts', 'x = /["]/; y', 'x = sssss; y'],
    ['a.ts', 'return /`/', 'return sss'],
    ['a.ts', 'a(1) / 2 / `b`', 'a(1) / 2 / sss'],
    ['a.ts', '`a$' + '{b + `c`}d`', 'ssssb + ssssss'],
    ['a.ts', '`$' + '{{ a: 1 }}` // b', 'sss{ a: 1 }ss cccc'],
    ['a.tsx', "<p>don't</p> // a", "<p>don't</p> cccc"],
    ['a.js', '#!/usr/bin/env node `\n`a`', '#!/usr/bin/env node `\nsss'],
    ['a.sh', 'a=$' + "{b#c} '#' # d", 'a=$' + '{b#c} sss ccc'],
    ['a.yml', "a: don't # b", "a: don't ccc"],
    ['a.rb', 'a = "b" # c', 'a = sss ccc'],
    ['a.sql', "a '--' -- b", 'a ssss cccc'],
    ['a.c', 'a("/*") /* b */', 'a(ssss) ccccccc'],
    ['a.rs', "fn a<'b>() { 'c' } // d", "fn a<'b>() { sss } cccc"],
    ['a.vue', 'https://a.b // c', 'https://a.b cccc'],
    ['Makefile', 'a: b # c', 'a: b ccc'],
  ];
  for (const [file, text, expected] of rows) {
    it(`of ${file} stand right in ${text.replaceAll('\n', '\\n')}`, () => assert.equal(drawn(text, file), expected));
  }

  it('leave code of the same length and lines', () => {
    const text = 'a /* b\nc */ d "e"\n// f';
    assert.equal(codeIn(text, spansOf(text, 'typescript')), 'a     \n     d    \n    ');
  });

  it('know no file without a language', () => assert.equal(familyIdOf('a.png'), undefined));
});
