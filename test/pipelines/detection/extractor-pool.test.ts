import { strict as assert } from 'node:assert';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ExtractionJob, ExtractionOutcome } from '../../../src/pipelines/detection/extract/extractor-messages.ts';
import { createBatches, extractAll } from '../../../src/pipelines/detection/extract/extractor-pool.ts';
import { createWorkspace } from './run-detection.ts';

const createJob = (folder: string, name: string, sizeBytes: number, language = 'typescript'): ExtractionJob => ({
  name,
  path: join(folder, name),
  sizeBytes,
  language,
});

describe('extractor pool', function () {
  this.timeout(60_000);
  let folder: string;
  before(() => {
    folder = createWorkspace({ 'a.ts': 'a();\n', 'b.ts': 'b();\n', 'c.ts': 'c();\n', 'd.ts': 'd();\n' });
  });
  after(() => rmSync(folder, { recursive: true }));

  async function run(files: readonly ExtractionJob[]): Promise<Map<string, ExtractionOutcome>> {
    const outcomes = new Map<string, ExtractionOutcome>();
    await extractAll(files, {
      stop: new Int32Array(new SharedArrayBuffer(4)),
      onFile: ({ name }, outcome) => {
        assert.ok(!outcomes.has(name), `${name} is reported twice`);
        outcomes.set(name, outcome);
      },
    });
    return outcomes;
  }

  it('loses only the file on which a thread crashes', async () => {
    // An unknown language is an internal error, so the thread throws and exits.
    const files = [
      createJob(folder, 'a.ts', 4),
      createJob(folder, 'b.ts', 3, 'none'),
      createJob(folder, 'c.ts', 2),
      createJob(folder, 'd.ts', 1),
    ];
    const outcomes = await run(files);
    const summarize = (name: string): string => {
      const outcome = outcomes.get(name) as ExtractionOutcome;
      return 'error' in outcome ? outcome.error.type : outcome.extracted.facts.callees.join();
    };
    assert.deepEqual(['a.ts', 'b.ts', 'c.ts', 'd.ts'].map(summarize), ['a', 'worker_died', 'c', 'd']);
  });

  it('rejects with the reason if every thread crashes', async () => {
    const files = Array.from({ length: 10 }, (_, index) => createJob(folder, `${index}.ts`, 1, 'none'));
    await assert.rejects(run(files), /extractor threads crashed repeatedly: Unknown language none/);
  });

  it('resolves immediately without files', async () => {
    assert.equal((await run([])).size, 0);
  });

  it('creates batches of similar size, starting with the largest files', () => {
    const files = Array.from({ length: 300 }, (_, index) => createJob(folder, `${index}.ts`, (index % 100) * 1000));
    const batches = createBatches(files);
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
