import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { findDefinitions } from '../../../src/probe/python-stacks/definition-lines.ts';

/** Prints the definitions of all files of the standard library, as Python's own parser finds them. */
const reference = `
import ast, json, os, sys, tokenize
folder = os.path.dirname(os.__file__)
result = {}
def visit(node, path, found):
    for child in ast.iter_child_nodes(node):
        inner = path
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            inner = path + [child.name]
            first = min([child.lineno] + [d.lineno for d in child.decorator_list])
            found[first] = [child.lineno, '.'.join(inner)]
        visit(child, inner, found)
for base, folders, files in os.walk(folder):
    folders[:] = [name for name in folders if name not in ('site-packages', 'dist-packages', '__pycache__', 'lib2to3', 'test')]
    for name in files:
        file = os.path.join(base, name)
        if not name.endswith('.py'): continue
        try:
            with tokenize.open(file) as source: text = source.read()
            if text.isascii(): visit(ast.parse(text), [], result.setdefault(file, {}))
        except (SyntaxError, UnicodeDecodeError): pass
json.dump(result, sys.stdout)
`;

/** Line of the definition and its name, by the line of the first decorator. */
type Expected = Readonly<Record<string, readonly [line: number, name: string]>>;

describe('definition lines of Python', function () {
  this.timeout(120_000);

  it('are those that Python’s own parser finds in the standard library', () => {
    const output = execFileSync('python3', ['-c', reference], { encoding: 'utf8', maxBuffer: 1 << 28 });
    const files = Object.entries(JSON.parse(output) as Readonly<Record<string, Expected>>);
    assert.ok(files.length > 300, `${files.length} files`);
    let count = 0;
    for (const [file, expected] of files) {
      const definitions = [...findDefinitions(readFileSync(file, 'utf8'))].map(([first, { line, name }]) => [
        first,
        line,
        name,
      ]);
      const sorted = Object.entries(expected).map(([first, [line, name]]) => [Number(first), line, name]);
      const byLine = (a: readonly unknown[], b: readonly unknown[]): number => Number(a[0]) - Number(b[0]);
      assert.deepEqual(definitions.sort(byLine), sorted.sort(byLine), file);
      count += definitions.length;
    }
    assert.ok(count > 5000, `${count} definitions`);
  });
});
