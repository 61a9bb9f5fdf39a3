/** Repeats one step of a validation as a separate pipeline, so that the step can be benchmarked alone. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { close, span } from '../../../probe/api/api.ts';
import { endWithParent } from '../../../process/end-with-parent.ts';
import { formatPrometheus } from '../bundle/prometheus.ts';
import { formatReport } from '../bundle/report.ts';
import { writeBundle } from '../bundle/write-bundle.ts';
import { formatSummary } from '../verdict/summary.ts';
import { createSampleValidation } from './sample-validation.ts';

/** @param folder empty temporary folder to write to */
type Step = (folder: string) => unknown;

/** Steps of each micro-benchmark by span name. */
const microBenchmarks: Readonly<Record<string, () => Readonly<Record<string, Step>>>> = {
  report: () => {
    const validation = createSampleValidation(60, 1000);
    return { markdown: () => formatReport(validation), json: () => JSON.stringify(validation) };
  },
  evidence: () => {
    const validation = createSampleValidation(50, 1024);
    return { 'write bundle': (folder) => writeBundle(folder, validation, new Map()) };
  },
  metrics: () => {
    const validation = createSampleValidation(100, 0);
    return { prometheus: () => formatPrometheus(validation), summary: () => formatSummary(validation) };
  },
};

const { values } = parseArgs({ options: { of: { type: 'string' }, times: { type: 'string' } }, strict: false });
const name = String(values['of']);
const steps = microBenchmarks[name]?.();
const repetitions = Number(values['times'] ?? 50);
endWithParent(() => undefined);
const folder = await mkdtemp(join(tmpdir(), 'pipescope-micro-benchmark-'));
try {
  if (!steps)
    throw new Error(`Unknown micro-benchmark ${name}. Available: ${Object.keys(microBenchmarks).join(', ')}.`);
  for (let repetition = 0; repetition < repetitions; repetition++) {
    for (const [spanName, step] of Object.entries(steps)) {
      await span(spanName, async () => step(join(folder, 'bundle')), { component: name });
    }
  }
  await close();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
  await close({ reason: 'error', message: String(error) });
} finally {
  await rm(folder, { recursive: true, force: true });
}
