import { strict as assert } from 'node:assert';
import { heldStack } from '../../../../src/probe/sampling/turns/held-stack.ts';

/** Returns the held stack of weights by stacks such as `main>rank`. */
function heldBy(weights: Readonly<Record<string, number>>): string {
  const samples = Object.entries(weights).map(([stack, weight]) => ({
    frames: (stack === '' ? [] : stack.split('>').toReversed()).map((functionName) => ({
      functionName,
      url: '/w/main.js',
      lineNumber: 0,
      columnNumber: 0,
    })),
    weight,
  }));
  return heldStack(samples)
    .map(({ functionName }) => functionName)
    .toReversed()
    .join('>');
}

describe('heldStack', () => {
  const cases: readonly [title: string, weights: Readonly<Record<string, number>>, held: string][] = [
    [
      'ends with the innermost function that ran for half of the time',
      { 'main>rank>score': 60, 'main>rank': 40 },
      'main>rank>score',
    ],
    [
      'ends with a function whose callees share its time',
      { 'main>rank>a': 40, 'main>rank>b': 35, 'main>rank>c': 25 },
      'main>rank',
    ],
    ['counts a function once although it was called in several places', { 'main>a>f': 40, 'main>b>f': 60 }, 'main>b>f'],
    ['follows the heavier of two outermost functions', { 'a>x': 30, 'b>y': 29, 'c>z': 41 }, 'c'],
    ['is the only stack', { 'main>f': 1 }, 'main>f'],
    ['is the only stack although it stands for no time', { 'main>f': 0 }, 'main>f'],
    ['is empty if no JavaScript ran', { '': 10 }, ''],
    ['prefers JavaScript to nothing', { '': 10, main: 1 }, 'main'],
    ['is empty without samples', {}, ''],
  ];
  for (const [title, weights, held] of cases) {
    it(title, () => {
      assert.equal(heldBy(weights), held);
    });
  }
});
