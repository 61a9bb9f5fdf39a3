/** Makes a part of what a validation makes, again and again, for measuring it alone: a row adds one. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { close, span } from '../../../probe/api/api.ts';
import { prometheusOf } from '../bundle/prometheus.ts';
import { reportOf } from '../bundle/report.ts';
import { writeBundle } from '../bundle/write-bundle.ts';
import { summaryOf } from '../verdict/summary.ts';
import { exampleOf } from './sample-validation.ts';

type Work = (folder: string) => unknown;

/** Sizes of the seed's own benchmarks (spec S0-47). */
const exercises: Readonly<Record<string, () => Readonly<Record<string, Work>>>> = {
  report: () => {
    const usual = exampleOf(52, 1000);
    return { markdown: () => reportOf(usual), json: () => JSON.stringify(usual) };
  },
  evidence: () => {
    const fifty = exampleOf(50, 1024);
    return { 'write bundle': (folder) => writeBundle(folder, fifty, new Map()) };
  },
  metrics: () => {
    const hundred = exampleOf(100, 0);
    return { prometheus: () => prometheusOf(hundred), summary: () => summaryOf(hundred) };
  },
};

const { values } = parseArgs({ options: { of: { type: 'string' }, times: { type: 'string' } }, strict: false });
const of = String(values['of']);
const work = exercises[of]?.();
const times = Number(values['times'] ?? 50);
const folder = await mkdtemp(join(tmpdir(), 'pipescope-exercise-'));
try {
  if (!work) throw new Error(`There is no exercise ${of}. There are: ${Object.keys(exercises).join(', ')}.`);
  for (let time = 0; time < times; time++) {
    for (const [name, one] of Object.entries(work))
      await span(name, async () => one(join(folder, 'bundle')), { component: of });
  }
  await close();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
  await close({ reason: 'error', message: String(error) });
} finally {
  await rm(folder, { recursive: true, force: true });
}
