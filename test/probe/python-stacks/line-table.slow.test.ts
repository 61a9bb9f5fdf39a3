import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { decodeLineTable, lineAt } from '../../../src/probe/python-stacks/layout/line-table.ts';
import { findInterpreters, minorOf } from '../../python/interpreters.ts';

/** Prints the line tables of many functions, with the line of each instruction as Python itself computes it. */
const reference = `
import asyncio.base_events, argparse, base64, collections, dataclasses, dis, inspect, json.decoder, json, sys, types, typing
tables = []
def visit(code):
    table = getattr(code, 'co_linetable', None) if sys.version_info >= (3, 10) else code.co_lnotab
    if hasattr(code, 'co_lines'):
        lines = [[end, line] for start, end, line in code.co_lines()]
    else:
        starts = list(dis.findlinestarts(code))
        ends = [start for start, line in starts[1:]] + [len(code.co_code)]
        lines = [[end, line] for end, (start, line) in zip(ends, starts)]
    tables.append([base64.b64encode(table).decode(), code.co_firstlineno, lines])
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType): visit(constant)
for module in (asyncio.base_events, argparse, collections, dataclasses, inspect, json.decoder, typing):
    visit(compile(open(module.__file__).read(), module.__file__, 'exec'))
visit(compile('def far():\\n' + '\\n' * 400 + '  x = (1 +\\n\\n\\n f())\\n' + '\\n' * 200 + '  return [y for y in\\n\\n x]', 'far', 'exec'))
json.dump(tables, sys.stdout)
`;

type Table = readonly [
  table: string,
  firstLine: number,
  lines: readonly (readonly [end: number, line: number | null])[],
];

describe('line tables of Python', function () {
  this.timeout(120_000);

  it('give each instruction the line that Python gives it, in every version', () => {
    const versions = findInterpreters();
    assert.ok(versions.length > 0, 'there is a Python');
    for (const { path, version } of versions) {
      const tables = JSON.parse(
        execFileSync(path, ['-c', reference], { encoding: 'utf8', maxBuffer: 1 << 28 }),
      ) as Table[];
      assert.ok(tables.length > 300, `${tables.length} tables of ${version}`);
      const minor = minorOf(version);
      const kind = minor < 10 ? 'lnotab' : minor === 10 ? 'line ranges' : 'locations';
      for (const [table, firstLine, lines] of tables) {
        const ranges = decodeLineTable(kind, Buffer.from(table, 'base64'), firstLine);
        let start = 0;
        for (const [end, line] of lines) {
          for (let offset = start; offset < end; offset += 2) {
            assert.equal(lineAt(ranges, offset) ?? null, line, `${version}: ${offset} of line ${firstLine}`);
          }
          start = end;
        }
      }
    }
  });
});
