/** Samples a program whose time is in a function that V8 inlines, with the settings that users have by default. */
import { strict as assert } from 'node:assert';
import { createProgramFolder, operationsIn, runProfiled } from '../profiled-program.ts';

/** A sort whose comparator calls `score` twice. V8's profiler gives the time of `score` to the comparator. */
const cwd = createProgramFolder({
  'catalog.mjs': `const items = Array.from({ length: 20000 }, (_, i) => ({ name: 'item ' + i + ' ' + 'abcdefghij'[i % 10], price: i % 97 }));
export function search(text) {
  const pattern = new RegExp(text.split('').join('.*'));
  return rank(items.filter((item) => pattern.test(item.name))).slice(0, 10);
}
function rank(found) {
  return [...found].sort((a, b) => score(b) - score(a));
}
function score(item) {
  let total = 0;
  for (const letter of item.name) total += letter.charCodeAt(0) % 7;
  return total / item.price;
}`,
  'main.mjs': `import { search } from './catalog.mjs';
let count = 0;
for (let run = 0; run < 30; run++) count += search('item').length;
console.log(count);`,
});

/** Shares of the time of all functions, by name, in percent. */
async function sharesWith(config: Parameters<typeof runProfiled>[1]['config']): Promise<ReadonlyMap<string, number>> {
  const { batches, stdout } = await runProfiled(['main.mjs'], { cwd, config: { budgetRatio: 0.01, ...config } });
  assert.equal(stdout, '300\n');
  const operations = operationsIn(batches);
  const sumNs = operations.reduce((sum, { selfNs }) => sum + selfNs, 0);
  return new Map(operations.map(({ name, selfNs }) => [name, (selfNs / sumNs) * 100]));
}

describe('an inlined function', function () {
  this.timeout(60_000);

  it('has its own time at the default settings, not its caller', async () => {
    const shares = await sharesWith({});
    const [hottest] = [...shares].toSorted((first, second) => second[1] - first[1]);
    assert.equal(hottest?.[0], 'score', JSON.stringify([...shares]));
    assert.ok(hottest[1] > 50, JSON.stringify([...shares]));
  });

  it('has its own time in fine mode, where V8 gives it to its caller', async () => {
    const shares = await sharesWith({ hasFineSampling: true });
    const [hottest] = [...shares].toSorted((first, second) => second[1] - first[1]);
    assert.equal(hottest?.[0], 'score', JSON.stringify([...shares]));
  });
});
