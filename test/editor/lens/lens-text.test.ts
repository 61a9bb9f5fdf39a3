import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { itemText, operationText, plain, staleText, words } from '../../../src/editor/lens/lens-text.ts';
import type { ItemState, OperationState } from '../../../src/protocol/snapshot.ts';

const levels = { slowNs: 100e6, verySlowNs: 500e6 };
const manifest: unknown = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
const template = defaultTemplate(manifest);

describe('text', () => {
  const cases: readonly { what: string; over: Partial<OperationState>; text: string }[] = [
    {
      what: 'that counting was given up',
      over: { partial: true },
      text: '2.0 ms avg · 4.2 ms p95 · ≥ 1.2k calls · 75 % cache',
    },
    { what: 'times, calls and cache', over: {}, text: '2.0 ms avg · 4.2 ms p95 · 1.2k calls · 75 % cache' },
    {
      what: 'errors where there are some',
      over: { errors: 3 },
      text: '2.0 ms avg · 4.2 ms p95 · 1.2k calls · 75 % cache · 3 err',
    },
    {
      what: 'nothing of a cache where there is none',
      over: { cacheHits: 0, cacheMisses: 0 },
      text: '2.0 ms avg · 4.2 ms p95 · 1.2k calls',
    },
    {
      what: 'a cache that never hit',
      over: { cacheHits: 0, cacheMisses: 9 },
      text: '2.0 ms avg · 4.2 ms p95 · 1.2k calls · 0 % cache',
    },
    {
      what: 'that times were not all measured',
      over: { source: 'sampled', cacheHits: 0, cacheMisses: 0 },
      text: '~2.0 ms avg · ~4.2 ms p95 · 1.2k calls',
    },
    {
      what: 'what only looks at the stack know, and nothing of calls',
      over: { source: 'sampled', count: 0, samples: 48, selfNs: 1.5e9, totalNs: 2e9, cacheHits: 0, cacheMisses: 0 },
      text: '~1.50 s self · ~2.00 s total',
    },
    {
      what: 'no time of its own where no look ended in it',
      over: { source: 'sampled', count: 0, samples: 48, selfNs: 0, totalNs: 2e9, cacheHits: 0, cacheMisses: 0 },
      text: '~2.00 s total',
    },
    {
      what: 'of one call as of one',
      over: { count: 1, cacheHits: 0, cacheMisses: 0 },
      text: '2.47 s avg · 4.2 ms p95 · 1 call',
    },
    {
      what: 'a flame from the slow threshold on',
      over: { p95Ns: 100e6, cacheHits: 0, cacheMisses: 0 },
      text: '$(flame)\u00a02.0 ms avg · 100 ms p95 · 1.2k calls',
    },
    {
      what: 'two flames from the second threshold on',
      over: { p95Ns: 1.234e9, cacheHits: 0, cacheMisses: 0 },
      text: '$(flame)$(flame)\u00a02.0 ms avg · 1.23 s p95 · 1.2k calls',
    },
  ];
  for (const { what, over, text } of cases) {
    it(`tells ${what}`, () => assert.equal(operationText({ ...operation, ...over }, template, levels), text));
  }

  it('never says NaN, Infinity or undefined, whatever was counted', () => {
    const count = fc.oneof(fc.constant(0), fc.nat());
    const amount = fc.oneof(count, fc.double({ min: 0, max: 1e18, noNaN: true }));
    const everyWord = Object.keys(words)
      .map((word) => `\${${word}} ${word}`)
      .join(' · ');
    fc.assert(
      fc.property(count, amount, count, count, (calls, totalNs, cacheHits, cacheMisses) => {
        const text = operationText({ ...operation, count: calls, totalNs, cacheHits, cacheMisses }, everyWord, levels);
        assert.match(text, /calls?$| calls? ·/);
        assert.doesNotMatch(text, /NaN|Infinity|undefined|–/);
      }),
    );
  });

  it('leaves out a part of a template whose word nobody knows', () => {
    assert.equal(operationText(operation, `\${p95} p95 · \${moon} moon`, levels), '4.2 ms p95');
  });

  it('tells what a file cost, at its head', () => {
    assert.equal(itemText(item, levels), 'parse 4.2 ms · extract 3.1 ms · 214 calls · 63 % cache');
  });

  it('draws no icon and breaks no line for a text that a program sent', () => {
    const text = itemText({ ...item, parts: { '$(bug) \n$(flame)': 2e6 } }, levels);
    assert.match(text, /bug/);
    assert.doesNotMatch(text, /\$\((?:bug|flame)|\n/);
    assert.equal(plain('a\r\nb'), 'a b');
  });

  it('brackets what is no longer true, with the reason', () => {
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

/** The template that people have who set none. */
function defaultTemplate(value: unknown): string {
  const text = JSON.stringify(value).match(
    /"pipescope\.codeLens\.template":\{[^}]*?"default":("(?:[^"\\]|\\.)*")/,
  )?.[1];
  assert.ok(text, 'package.json has a default template');
  return JSON.parse(text) as string;
}
