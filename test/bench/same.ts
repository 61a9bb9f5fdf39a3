/** How often the benchmark's verdict is a false alarm on this machine: two hundred real comparisons of the same with the same. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type BenchReport, summarize } from '../../src/core/benchmark/bench-report.ts';
import { benchmark } from '../../src/node/benchmark/run-benchmark.ts';
import { commandSubject } from '../../src/node/benchmark/target.ts';
import { compareReports } from '../fixtures/benchmark.ts';
import { type Figure, goal } from './figure.ts';

const comparisons = 200;
const runs = 10;

const work = 'let sum = 0; for (let i = 0; i < 5e6; i++) sum += Math.sqrt(i); console.log(sum);\n';

export async function same(): Promise<Figure[]> {
  const workspace = mkdtempSync(join(tmpdir(), 'pipescope-bench-'));
  try {
    writeFileSync(join(workspace, 'work.cjs'), work);
    const subject = (name: string) =>
      commandSubject({ words: [process.execPath, 'work.cjs'], workspace, name, bare: true });
    const reports = await benchmark([subject('A'), subject('again')], {
      dist: resolve(import.meta.dirname, '../../dist'),
      runs: comparisons * runs,
      warmup: 1,
    });
    const [before, after] = reports.map(parts) as [BenchReport[], BenchReport[]];
    const verdicts = before.map((report, index) => compareReports(report, after[index] as BenchReport));
    const wall = verdicts.map(({ rows }) => rows.find(({ measure }) => measure === 'wall'));
    const of = (...wanted: readonly string[]): number =>
      wall.filter((row) => wanted.includes(row?.verdict ?? '')).length;
    const share = (of('slower', 'regressed') / comparisons) * 100;
    return [
      {
        name: 'false alarms in comparisons of the same with the same',
        value: share,
        unit: '%',
        ...goal('≤', 1, share),
        how: `${comparisons} real comparisons of ${runs} with ${runs} interleaved runs: ${of('slower')} slower, ${of('regressed')} regressed, ${of('improved')} improved, ${of('unchanged')} unchanged, ${of('inconclusive')} inconclusive`,
      },
    ];
  } finally {
    rmSync(workspace, { recursive: true, force: true });
  }
}

/** A long series as many short ones. */
function parts(report: BenchReport): BenchReport[] {
  const [one] = report.cases;
  if (!one) return [];
  return Array.from({ length: comparisons }, (_, index) => {
    const range = one.samplesNs.slice(index * runs, (index + 1) * runs);
    return {
      ...report,
      cases: [
        summarize(
          one.name,
          range.map((wallNs) => ({ wallNs, cpuNs: 0, peakRssBytes: 1 })),
        ),
      ],
    };
  });
}
