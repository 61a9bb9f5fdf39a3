import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { escapeLabel } from '../../../src/editor/escape-label.ts';
import { itemText, operationText, placeholders, staleText } from '../../../src/editor/lens/lens-text.ts';
import type { ItemState, OperationState } from '../../../src/protocol/snapshot.ts';

const thresholds = { slowNs: 100e6, verySlowNs: 500e6 };
const manifest: unknown = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
const template = defaultTemplate(manifest);

describe('the text of a lens', () => {
  const cases: readonly { what: string; over: Partial<OperationState>; text: string }[] = [
    {
      what: 'a minimum of calls if they were not all counted',
      over: { partial: true },
      text: '2.0 ms avg · 4.2 ms p95 · ≥ 1.2k calls · 75 % cache',
    },
    { what: 'times, calls and cache', over: {}, text: '2.0 ms avg · 4.2 ms p95 · 1.2k calls · 75 % cache' },
    {
      what: 'errors if there are any',
      over: { errors: 3 },
      text: '2.0 ms avg · 4.2 ms p95 · 1.2k calls · 75 % cache · 3 err',
    },
    {
      what: 'no hit ratio without a cache',
      over: { cacheHits: 0, cacheMisses: 0 },
      text: '2.0 ms avg · 4.2 ms p95 · 1.2k calls',
    },
    {
      what: 'a cache that never hit',
      over: { cacheHits: 0, cacheMisses: 9 },
      text: '2.0 ms avg · 4.2 ms p95 · 1.2k calls · 0 % cache',
    },
    {
      what: 'that durations are estimates',
      over: { source: 'sampled', cacheHits: 0, cacheMisses: 0 },
      text: '~2.0 ms avg · ~4.2 ms p95 · 1.2k calls',
    },
    {
      what: 'self and total time of a function that was only sampled',
      over: { source: 'sampled', count: 0, samples: 48, selfNs: 1.5e9, totalNs: 2e9, cacheHits: 0, cacheMisses: 0 },
      text: '~1.50 s self · ~2.00 s total',
    },
    {
      what: 'no self time if no sample was taken in the function itself',
      over: { source: 'sampled', count: 0, samples: 48, selfNs: 0, totalNs: 2e9, cacheHits: 0, cacheMisses: 0 },
      text: '~2.00 s total',
    },
    {
      what: 'a single call in the singular',
      over: { count: 1, cacheHits: 0, cacheMisses: 0 },
      text: '2.47 s avg · 4.2 ms p95 · 1 call',
    },
    {
      what: 'a flame at the slow threshold',
      over: { p95Ns: 100e6, cacheHits: 0, cacheMisses: 0 },
      text: '$(flame)\u00a02.0 ms avg · 100 ms p95 · 1.2k calls',
    },
    {
      what: 'two flames at the very slow threshold',
      over: { p95Ns: 1.234e9, cacheHits: 0, cacheMisses: 0 },
      text: '$(flame)$(flame)\u00a02.0 ms avg · 1.23 s p95 · 1.2k calls',
    },
  ];
  for (const { what, over, text } of cases) {
    it(`shows ${what}`, () => assert.equal(operationText({ ...operation, ...over }, template, thresholds), text));
  }

  const shares: readonly { what: string; over: Partial<OperationState>; text: string }[] = [
    {
      what: 'shares of all stacks, and its own time',
      over: { selfNs: 1.3e9, totalNs: 4.1e9 },
      text: '~12.7 % self · ~1.30 s · ~40.2 % total',
    },
    { what: 'the total time if it was never sampled itself', over: { selfNs: 0 }, text: '~40.2 % total · ~4.10 s' },
    { what: 'small shares', over: { selfNs: 1e6, totalNs: 2e6 }, text: '~<0.1 % self · ~1.0 ms · ~<0.1 % total' },
  ];
  for (const { what, over, text } of shares) {
    it(`shows ${what} of a function that was only sampled`, () => {
      const sampled = { ...operation, source: 'sampled', count: 0, samples: 48, totalNs: 4.1e9, ...over } as const;
      assert.equal(operationText(sampled, template, thresholds, 10.2e9), text);
    });
  }

  it('shows the durations of a counted function, not shares, whatever was sampled', () => {
    assert.match(operationText(operation, template, thresholds, 10.2e9), /^2\.0 ms avg · 4\.2 ms p95/);
  });

  it('never contains NaN, Infinity or undefined', () => {
    const count = fc.oneof(fc.constant(0), fc.nat());
    const amount = fc.oneof(count, fc.double({ min: 0, max: 1e18, noNaN: true }));
    const allPlaceholders = Object.keys(placeholders)
      .map((name) => `\${${name}} ${name}`)
      .join(' · ');
    fc.assert(
      fc.property(count, amount, count, count, (calls, totalNs, cacheHits, cacheMisses) => {
        const counted = { ...operation, count: calls, totalNs, cacheHits, cacheMisses };
        const text = operationText(counted, allPlaceholders, thresholds);
        assert.match(text, /calls?$| calls? ·/);
        assert.doesNotMatch(text, /NaN|Infinity|undefined|–/);
      }),
    );
  });

  it('omits a part of the template with an unknown placeholder', () => {
    assert.equal(operationText(operation, `\${p95} p95 · \${moon} moon`, thresholds), '4.2 ms p95');
  });

  it('shows the cost of a file', () => {
    assert.equal(itemText(item, thresholds), 'parse 4.2 ms · extract 3.1 ms · 214 calls · 63 % cache');
  });

  it('contains no icons or line breaks from a program', () => {
    const text = itemText({ ...item, parts: { '$(bug) \n$(flame)': 2e6 } }, thresholds);
    assert.match(text, /bug/);
    assert.doesNotMatch(text, /\$\((?:bug|flame)|\n/);
    assert.equal(escapeLabel('a\r\nb'), 'a b');
  });

  it('puts stale numbers in parentheses, with the reason', () => {
    assert.equal(staleText('2.4 ms avg', 'edited'), '(2.4 ms avg · edited)');
  });
});

const operation: OperationState = {
  component: 'parser',
  name: 'parse',
  kind: 'function',
  count: 1234,
  errors: 0,
  errorTypes: {},
  totalNs: 1234 * 2e6,
  minNs: 1e6,
  maxNs: 9e6,
  p50Ns: 1.9e6,
  p95Ns: 4.2e6,
  p99Ns: 8e6,
  cacheHits: 3,
  cacheMisses: 1,
  source: 'measured',
};

const item: ItemState = {
  component: 'extractor',
  name: 'src/a.ts',
  file: 'src/a.ts',
  totalNs: 7.3e6,
  parts: { parse_file: 4.2e6, extract_file: 3.1e6 },
  counts: { calls: 214, definitions: 0, cacheHits: 63, cacheMisses: 37 },
};

/** Returns the default of the template setting. */
function defaultTemplate(value: unknown): string {
  const text = JSON.stringify(value).match(
    /"pipescope\.codeLens\.template":\{[^}]*?"default":("(?:[^"\\]|\\.)*")/,
  )?.[1];
  assert.ok(text, 'package.json has a default template');
  return JSON.parse(text) as string;
}
