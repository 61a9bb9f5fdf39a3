import { strict as assert } from 'node:assert';
import { parseUnit, withUnit } from '../../../../src/node/otlp/translate/units.ts';

describe('parseUnit', () => {
  const units: readonly [string | undefined, string, number][] = [
    ['ms', 'time', 1e6],
    ['milliseconds', 'time', 1e6],
    ['µs', 'time', 1e3],
    ['s', 'time', 1e9],
    ['seconds', 'time', 1e9],
    ['h', 'time', 3600e9],
    ['d', 'time', 86_400e9],
    ['By', 'bytes', 1],
    ['bytes', 'bytes', 1],
    ['MiBy', 'bytes', 1_048_576],
    ['kBy', 'bytes', 1000],
    ['%', 'ratio', 0.01],
    ['percent', 'ratio', 0.01],
    ['1', 'other', 1],
    ['{request}', 'other', 1],
    ['Cel', 'other', 1],
    ['S', 'other', 1],
    ['toString', 'other', 1],
    ['', 'other', 1],
    [undefined, 'other', 1],
  ];
  for (const [name, quantity, factor] of units) {
    it(`reads ${JSON.stringify(name)} as ${quantity} times ${factor}`, () =>
      assert.deepEqual(parseUnit(name), { quantity, factor }));
  }

  it('appends a unit to a name unless it is dimensionless', () => {
    assert.deepEqual(
      ['By', '1', '{order}', '', undefined].map((unit) => withUnit('size', unit)),
      ['size (By)', 'size', 'size', 'size', 'size'],
    );
  });
});
