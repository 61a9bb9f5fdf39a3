/** A lost thread costs the file that it was lost on, and no more. */
import { strict as assert } from 'node:assert';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Outcome, Work } from '../../../src/pipelines/detection/extract/extractor-messages.ts';
import { batchesOf, extractAll } from '../../../src/pipelines/detection/extract/extractor-pool.ts';
import { workspaceOf } from './run-detection.ts';

const work = (folder: string, name: string, sizeBytes: number, language = 'typescript'): Work => ({
  name,
  path: join(folder, name),
  sizeBytes,
  language,
});

describe('the pool of extractor threads', function () {
  this.timeout(60_000);
  let folder: string;
  before(() => {
    folder = workspaceOf({ 'a.ts': 'a();\n', 'b.ts': 'b();\n', 'c.ts': 'c();\n', 'd.ts': 'd();\n' });
  });
  after(() => rmSync(folder, { recursive: true }));

  async function run(files: readonly Work[]): Promise<Map<string, Outcome>> {
    const outcomes = new Map<string, Outcome>();
    await extractAll(files, {
      stop: new Int32Array(new SharedArrayBuffer(4)),
      onFile: ({ name }, outcome) => {
        assert.ok(!outcomes.has(name), `${name} is reported once`);
        outcomes.set(name, outcome);
      },
    });
    return outcomes;
  }

  it('goes on after the thread that a file has killed', async () => {
    // A language that nobody knows is a fault of ours: the thread that meets it throws and ends.
    const files = [
      work(folder, 'a.ts', 4),
      work(folder, 'b.ts', 3, 'none'),
      work(folder, 'c.ts', 2),
      work(folder, 'd.ts', 1),
    ];
    const outcomes = await run(files);
    const of = (name: string): string => {
      const outcome = outcomes.get(name) as Outcome;
      return 'error' in outcome ? outcome.error.type : outcome.extracted.facts.callees.join();
    };
    assert.deepEqual(['a.ts', 'b.ts', 'c.ts', 'd.ts'].map(of), ['a', 'worker_died', 'c', 'd']);
  });

  it('gives up with a reason where no thread works at all', async () => {
    const files = Array.from({ length: 10 }, (_, index) => work(folder, `${index}.ts`, 1, 'none'));
    await assert.rejects(run(files), /extractor threads do not work: No language is named none/);
  });

  it('does nothing for no files', async () => {
    assert.equal((await run([])).size, 0);
  });

  it('makes batches of even size, the largest files first', () => {
    const files = Array.from({ length: 300 }, (_, index) => work(folder, `${index}.ts`, (index % 100) * 1000));
    const batches = batchesOf(files);
    assert.equal(batches.flat().length, files.length);
    const sizes = batches.flat().map(({ sizeBytes }) => sizeBytes);
    assert.deepEqual(
      sizes,
      sizes.toSorted((a, b) => b - a),
    );
    for (const batch of batches) {
      const bytes = batch.slice(0, -1).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
      assert.ok(bytes < 256_000 && batch.length <= 64);
    }
  });
});
