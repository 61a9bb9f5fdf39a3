import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  bytes,
  change,
  clock,
  count,
  duration,
  missing,
  percent,
  quantity,
  rate,
  share,
  timing,
  whole,
} from '../../src/core/format.ts';

type Row = readonly [number | null | undefined, string];

const tables: Readonly<Record<string, { readonly form: (value: Row[0]) => string; readonly rows: readonly Row[] }>> = {
  duration: {
    form: duration,
    rows: [
      [0, '0 ns'],
      [312, '312 ns'],
      [999.6, '1.0 µs'],
      [2_400, '2.4 µs'],
      [99_960, '100 µs'],
      [312_000, '312 µs'],
      [999_600, '1.0 ms'],
      [2_400_000, '2.4 ms'],
      [99_940_000, '99.9 ms'],
      [212_400_000, '212 ms'],
      [999_700_000, '1.00 s'],
      [1_234_000_000, '1.23 s'],
      [59_994_000_000, '59.99 s'],
      [59_996_000_000, '1 m 00 s'],
      [72_000_000_000, '1 m 12 s'],
      [3_599_600_000_000, '1 h 00 m'],
      [7_500_000_000_000, '2 h 05 m'],
      [-2_400_000, '−2.4 ms'],
      [-0.2, '0 ns'],
      [null, missing],
      [undefined, missing],
      [Number.NaN, missing],
      [Number.POSITIVE_INFINITY, missing],
    ],
  },
  timing: {
    form: timing,
    rows: [
      [0, '<1 µs'],
      [0.4, '<1 µs'],
      [1, '1 ns'],
      [40, '40 ns'],
      [2_400_000, '2.4 ms'],
      [null, missing],
      [Number.NaN, missing],
    ],
  },
  clock: {
    form: clock,
    rows: [
      [0, '00:00'],
      [42_900_000_000, '00:42'],
      [3_605_000_000_000, '1:00:05'],
      [null, missing],
    ],
  },
  count: {
    form: count,
    rows: [
      [0, '0'],
      [999, '999'],
      [999.5, '1k'],
      [1_234, '1.2k'],
      [99_960, '100k'],
      [999_499, '999k'],
      [999_500, '1M'],
      [3_400_000, '3.4M'],
      [2e12, '2T'],
      [5e16, '50,000T'],
      [undefined, missing],
    ],
  },
  whole: {
    form: whole,
    rows: [
      [0, '0'],
      [1_247, '1,247'],
      [52_310, '52,310'],
      [-1_247, '−1,247'],
      [Number.NaN, missing],
    ],
  },
  bytes: {
    form: bytes,
    rows: [
      [0, '0 B'],
      [512, '512 B'],
      [12_345_678, '12.3 MB'],
      [184_000_000, '184 MB'],
      [1_500_000_000, '1.5 GB'],
      [null, missing],
    ],
  },
  percent: {
    form: percent,
    rows: [
      [0, '0 %'],
      [0.000_01, '<0.1 %'],
      [0.002, '0.2 %'],
      [0.71, '71 %'],
      [0.873, '87.3 %'],
      [0.999_9, '>99.9 %'],
      [1, '100 %'],
      [1.43, '143 %'],
      [-0.12, '−12 %'],
      [Number.NaN, missing],
    ],
  },
  share: {
    form: share,
    rows: [
      [0, '0 %'],
      [0.000_01, '<0.1 %'],
      [0.71, '71.0 %'],
      [0.999_9, '>99.9 %'],
      [1, '100 %'],
      [1.43, '143 %'],
      [null, missing],
    ],
  },
  rate: {
    form: rate,
    rows: [
      [0, '0 /s'],
      [0.01, '<0.1 /s'],
      [2, '2 /s'],
      [12.44, '12.4 /s'],
      [1_245, '1,245 /s'],
      [12_345, '12.3k /s'],
      [null, missing],
    ],
  },
  change: {
    form: change,
    rows: [
      [0.38, '+38 %'],
      [0.024, '+2.4 %'],
      [0.000_01, '0 %'],
      [-0.12, '−12 %'],
      [0, '0 %'],
      [undefined, missing],
    ],
  },
};

describe('format', () => {
  for (const [name, { form, rows }] of Object.entries(tables)) {
    for (const [value, text] of rows) {
      it(`writes the ${name} ${value} as ${text}`, () => assert.equal(form(value), text));
    }
  }

  it('formats a quantity according to its unit', () => {
    assert.equal(quantity(2_400_000, 'ns'), '2.4 ms');
    assert.equal(quantity(2_400_000, 'bytes'), '2.4 MB');
    assert.equal(quantity(2_400_000, 'bytes/s'), '2.4 MB/s');
    assert.equal(quantity(0.24, 'ratio'), '24.0 %');
    assert.equal(quantity(24, '1/s'), '24 /s');
    assert.equal(quantity(2_400, '1'), '2.4k');
  });

  it('never writes NaN, undefined, null or Infinity', () => {
    const anything = fc.oneof(fc.double(), fc.maxSafeInteger(), fc.constantFrom(null, undefined));
    const forms = Object.values(tables).map(({ form }) => form);
    fc.assert(
      fc.property(anything, fc.constantFrom(...forms), (value, form) => {
        const text = form(value);
        return text.length > 0 && !/NaN|undefined|null|Infinity/.test(text);
      }),
    );
  });

  const orders: readonly (readonly [string, (value: number) => string, readonly string[]])[] = [
    ['duration', duration, ['ns', 'µs', 'ms', 's', 'm', 'h']],
    ['bytes', bytes, ['B', 'kB', 'MB', 'GB', 'TB']],
  ];
  for (const [name, form, units] of orders) {
    it(`never formats a larger ${name} with a smaller unit or number`, () => {
      const size = fc.double({ min: 0, max: 1e15, noNaN: true });
      const power = fc.integer({ min: -15, max: 0 });
      const value = fc.tuple(size, power).map(([base, exponent]) => base * 10 ** exponent);
      fc.assert(
        fc.property(value, value, (a, b) => {
          const [less, more] = [form(Math.min(a, b)), form(Math.max(a, b))].map((text) => {
            const [, figure = '', unit = ''] = /^([\d.,]+) ([A-Za-zµ]+)/.exec(text) ?? [];
            return { figure: Number(figure.replaceAll(',', '')), rank: units.indexOf(unit) };
          });
          assert.ok(less && more && less.rank >= 0 && more.rank >= 0);
          return less.rank < more.rank || (less.rank === more.rank && less.figure <= more.figure);
        }),
      );
    });
  }
});
