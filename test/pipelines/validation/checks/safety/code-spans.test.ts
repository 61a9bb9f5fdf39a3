/** Compares the comments and strings found in code with those found by the languages' own parsers. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ts } from '@ts-morph/common';
import {
  blankSpans,
  familyIdOf,
  findSpans,
  type Span,
} from '../../../../../src/pipelines/validation/checks/safety/scan/code-spans.ts';

const root = join(import.meta.dirname, '../../../../..');
const commentsOf = (spans: readonly Span[]): [number, number][] =>
  spans.filter(({ kind }) => kind === 'comment').map(({ start, end }) => [start, end]);

/** Returns all comments according to the TypeScript parser, which has them around each token. */
function parsedComments(file: string, text: string): [number, number][] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const comments = new Map<number, number>();
  const visit = (node: ts.Node): void => {
    // Text between JSX tags can look like a comment, but has none.
    if (node.kind === ts.SyntaxKind.JsxText) return;
    if (node.getChildCount(source) === 0) {
      const ranges = [
        ...(ts.getLeadingCommentRanges(text, node.getFullStart()) ?? []),
        ...(ts.getTrailingCommentRanges(text, node.getEnd()) ?? []),
      ];
      for (const { pos, end } of ranges) {
        if (pos >= node.getEnd() || end <= node.getStart(source)) comments.set(pos, end);
      }
    }
    node.getChildren(source).forEach(visit);
  };
  visit(source);
  return [...comments].sort(([a], [b]) => a - b);
}

describe('TypeScript spans', () => {
  it('have the same comments as the TypeScript parser in all sources of this project', () => {
    const files = globSync('{src,webview,test/core,test/pipelines,test/probe}/**/*.{ts,tsx}', { cwd: root });
    let comments = 0;
    for (const file of files) {
      const text = readFileSync(join(root, file), 'utf8');
      const expected = parsedComments(file, text);
      comments += expected.length;
      assert.deepEqual(commentsOf(findSpans(text, 'typescript')), expected, file);
    }
    assert.ok(files.length > 200 && comments > 2000, `${files.length} files, ${comments} comments`);
  });
});

/** Python script that prints the start and end of every comment in a list of files, in characters. */
const tokenizerScript = `
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

describe('Python spans', () => {
  it("have the same comments as Python's tokenizer in its standard library", () => {
    const python = (args: string[], input = ''): string =>
      execFileSync('python3', args, { input, encoding: 'utf8', maxBuffer: 64e6 });
    const library = python(['-c', 'import os; print(os.path.dirname(os.__file__))']).trim();
    // Only ASCII files, because Python counts characters and JavaScript counts UTF-16 code units.
    const files = globSync('*.py', { cwd: library })
      .map((file) => join(library, file))
      .filter((file) => /^[\n -~\t\f]*$/.test(readFileSync(file, 'utf8')));
    const expected = JSON.parse(python(['-c', tokenizerScript], JSON.stringify(files))) as Record<
      string,
      [number, number][]
    >;
    let comments = 0;
    for (const [file, ranges] of Object.entries(expected)) {
      comments += ranges.length;
      assert.deepEqual(commentsOf(findSpans(readFileSync(file, 'utf8'), 'python')), ranges, file);
    }
    assert.ok(files.length > 100 && comments > 5000, `${files.length} files, ${comments} comments`);
  });
});

describe('spans', () => {
  /** Replaces comments by `c` and strings by `s`. */
  function markSpans(text: string, file: string): string {
    const id = familyIdOf(file);
    assert.ok(id, file);
    const characters = [...text];
    for (const { kind, start, end } of findSpans(text, id)) characters.fill(kind[0] ?? '', start, end);
    return characters.join('');
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
    it(`are found in ${file} with ${text.replaceAll('\n', '\\n')}`, () =>
      assert.equal(markSpans(text, file), expected));
  }

  it('can be blanked without changing length or lines', () => {
    const text = 'a /* b\nc */ d "e"\n// f';
    assert.equal(blankSpans(text, findSpans(text, 'typescript')), 'a     \n     d    \n    ');
  });

  it('have no family for a file without a language', () => assert.equal(familyIdOf('a.png'), undefined));
});
