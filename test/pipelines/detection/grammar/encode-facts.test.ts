import assert from 'node:assert/strict';
import { decodeFacts, encodeFacts } from '../../../../src/pipelines/detection/extract/facts/encode-facts.ts';
import { hashInterface } from '../../../../src/pipelines/detection/extract/facts/hash-interface.ts';
import { extractSource } from './extract-source.ts';

/** Returns a Python function with `if` blocks after each other that assign the same name. */
function chainOfBranches(blocks: number): string {
  const lines = Array.from(
    { length: blocks },
    (_, index) => `    if flag(${index}):\n        shape = make_${index}()\n`,
  );
  return `def draw(flag):\n    shape = first()\n${lines.join('')}    return shape.area()\n`;
}

describe('facts as JSON', function () {
  this.timeout(60_000);

  it('are the same after they were decoded', async () => {
    const facts = await extractSource('chain.py', chainOfBranches(5));
    assert.ok(encodeFacts(facts).includes('"branches"'));
    assert.deepEqual(decodeFacts(encodeFacts(facts)), facts);
  });

  it('grow in proportion to a chain of branches that assign one name', async () => {
    const [short, long] = await Promise.all(
      [20, 40].map(async (blocks) => encodeFacts(await extractSource('chain.py', chainOfBranches(blocks))).length),
    );
    assert.ok((long as number) < 3 * (short as number), `${short} and ${long} characters`);
  });

  it('have an interface hash that depends on values, but not on calls and positions', async () => {
    const source =
      'export function build() { const size = measure(); return new Box(size); }\nclass Box { open() {} }\n';
    const hash = async (text: string): Promise<string> => hashInterface(await extractSource('box.ts', text));
    const original = await hash(source);
    assert.equal(await hash(`// A comment.\n${source.replace('return', 'log(size); return')}`), original);
    assert.notEqual(await hash(source.replace('new Box', 'new Crate')), original);
    assert.notEqual(await hash(source.replace('open()', 'shut()')), original);
  });
});
