/** Checks that no argument of a Python program makes the probe API raise or lose other records, on every interpreter. */
import { strict as assert } from 'node:assert';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Batch } from '../../src/protocol/batch/batch.ts';
import { findInterpreters } from './interpreters.ts';
import { runProfiled } from './profiled-python.ts';

/** Passes each odd value to each function, and records one call before and one after it. */
const hostileProgram = `
import decimal, enum, fractions, json, sys
from pipescope_probe import cache, count, gauge, record, span

class Text(str):
    def __str__(self): raise ValueError('str')
    def __hash__(self): raise ValueError('hash')
    def __eq__(self, other): raise ValueError('eq')

class Number(float):
    def __float__(self): raise ValueError('float')
    def __lt__(self, other): raise ValueError('lt')

class Whole(int):
    def __index__(self): raise ValueError('index')
    def __add__(self, other): raise ValueError('add')

class Scalar:
    def __float__(self): return 2.5

class Raising:
    def __getattribute__(self, name): raise ValueError(name)
    def __str__(self): raise SystemExit(3)
    def __float__(self): raise SystemExit(4)
    def __repr__(self): raise ValueError('repr')

class Meta(type):
    @property
    def __name__(self): raise ValueError('name')

class Odd(Exception, metaclass=Meta): pass

class Color(str, enum.Enum): RED = 'red'

circular = []
circular.append(circular)
values = {
    'none': None, 'true': True, 'nan': float('nan'), 'inf': float('inf'), '-inf': float('-inf'), 'minus zero': -0.0,
    'minus one': -1, 'half': 0.5, '2 ** 53': 2 ** 53, 'huge': 10 ** 5000, 'large': 1e308, 'bytes': b'5', 'text': '5',
    'long': 'x' * 5000, 'surrogate': '\\ud800', 'nul': 'a\\0b', 'text class': Text('t'), 'number class': Number(1.5),
    'whole class': Whole(3), 'scalar': Scalar(), 'decimal': decimal.Decimal('1.5'), 'decimal nan': decimal.Decimal('sNaN'),
    'fraction': fractions.Fraction(1, 3), 'complex': 1j, 'circular': circular, 'raising': Raising(), 'enum': Color.RED,
    'class': Odd, 'function': len, 'object': object(), 'generator': (x for x in ()), 'empty': '',
}
uses = {
    'span name': lambda value: span(value).__enter__() and None,
    'span component': lambda value: span('s', component=value)(abs)(-1),
    'span attribute': lambda value: span('s', attribute=value)(abs)(-1),
    'span function': lambda value: span('s')(value),
    'record name': lambda value: record(value, 5),
    'record duration': lambda value: record('r', value),
    'record component': lambda value: record('r', 5, value),
    'record error': lambda value: record('r', 5, error=value),
    'cache name': lambda value: cache(value).hit(),
    'cache hit': lambda value: cache('c').hit(value),
    'cache miss': lambda value: cache('c').miss(value),
    'gauge name': lambda value: gauge(value, 1),
    'gauge value': lambda value: gauge('g', value),
    'gauge unit': lambda value: gauge('g', 1, unit=value),
    'gauge component': lambda value: gauge('g', 1, component=value),
    'count name': lambda value: count(value),
    'count times': lambda value: count('n', value),
    'count component': lambda value: count('n', 1, component=value),
}
raised = []
for use, act in uses.items():
    for what, value in values.items():
        record('beside ' + use, 5)
        try:
            act(value)
        except BaseException as error:
            raised.append('%s, %s: %s' % (use, what, type.__repr__(type(error))))
        record('beside ' + use, 5)
count('files', 7)
cache('lookups').hit(3)
try:
    with span('odd error'):
        raise Odd
except Odd:
    pass
many = {'key %d' % index: index for index in range(5000)}
with span('many', **many):
    pass
span('never entered').__exit__(None, None, None)
print(json.dumps({'raised': raised, 'values': len(values)}))
`;

const crowdedProgram = `
from pipescope_probe import count, record, span
for index in range(100_000):
    record('distinct %d' % index, 1)
for index in range(3000):
    with span('big', text='x' * 4000, more='y' * 4000): pass
for index in range(2000):
    count('counter %d' % index)
`;

function droppedIn(batches: readonly Batch[], name: 'calls' | 'values'): number {
  return batches.reduce((sum, { dropped }) => sum + (dropped?.[name] ?? 0), 0);
}

describe('the Python probe API', function () {
  this.timeout(60_000);
  let folder = '';

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pipescope-python-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  for (const { path, version } of findInterpreters()) {
    it(`keeps all other records whatever values a program on Python ${version} passes`, async () => {
      writeFileSync(join(folder, 'main.py'), hostileProgram);
      const { stdout, stderr, code, received } = await runProfiled(path, ['main.py'], { cwd: folder });
      assert.deepEqual([stderr, code, received.errors], ['', 0, []]);
      const { raised, values } = JSON.parse(stdout) as { raised: string[]; values: number };
      assert.deepEqual(raised, []);
      const beside = [...received.totals].filter(([key]) => key.includes('beside'));
      assert.deepEqual(
        beside.map(([, { count }]) => count),
        beside.map(() => 2 * values),
      );
      assert.equal(beside.length, 18);
      assert.equal(received.totalOf('main.py:lookups').hits, 3);
      const counters = received.batches.flatMap((batch) => batch.counters ?? []);
      assert.equal(counters.find(({ name }) => name === 'files')?.delta, 7);
      // In each place, at least NaN and what refuses to be looked at.
      assert.ok(droppedIn(received.batches, 'values') > 100);
      assert.equal(received.totalOf('main.py:odd error').errors, 1);
      assert.ok(received.batches.at(-1)?.bye);
    });
  }

  it('limits operations, counters and attributes, and says what it left out', async () => {
    writeFileSync(join(folder, 'main.py'), crowdedProgram);
    const { stderr, received } = await runProfiled('python3', ['main.py'], { cwd: folder });
    assert.deepEqual([stderr, received.errors], ['', []]);
    const calls = received.batches
      .flatMap(({ operations = [] }) => operations)
      .reduce((sum, { count }) => sum + count, droppedIn(received.batches, 'calls'));
    assert.equal(calls, 103_000);
    assert.ok(received.totals.size <= 4510);
    assert.ok(droppedIn(received.batches, 'values') >= 1000);
    const notices = received.batches.flatMap((batch) => batch.notices ?? []);
    assert.equal(notices.filter((notice) => notice.includes('more than 4500 operations')).length, 1);
    const spans = received.batches.reduce(
      (sum, batch) => sum + (batch.spans?.length ?? 0) + (batch.spansOmitted ?? 0),
      0,
    );
    assert.equal(spans, 3000);
    assert.ok(Math.max(...received.batches.map((batch) => JSON.stringify(batch).length)) < 4e6);
  });
});
