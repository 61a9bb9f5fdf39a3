/** Measures the rate of false alarms on this machine: 200 real comparisons of a program with itself. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { BenchReport } from '../../src/core/benchmark/bench-report.ts';
import { summarizeCase } from '../../src/core/benchmark/summarize-case.ts';
import { benchmark } from '../../src/node/benchmark/run-benchmark.ts';
import { targetOf } from '../../src/node/benchmark/target.ts';
import { compareNow } from '../fixtures/benchmark.ts';
import { type Figure, goal } from './figure.ts';

const comparisons = 200;
const runs = 10;

const work = 'let sum = 0; for (let i = 0; i < 5e6; i++) sum += Math.sqrt(i); console.log(sum);\n';

export async function same(): Promise<Figure[]> {
  const workspace = mkdtempSync(join(tmpdir(), 'pipescope-bench-'));
  try {
    writeFileSync(join(workspace, 'work.cjs'), work);
    const target = (name: string) =>
      targetOf({ kind: 'command', argv: [process.execPath, 'work.cjs'] }, { workspace, name, noProbe: true });
    const reports = await benchmark([target('A'), target('again')], {
      dist: resolve(import.meta.dirname, '../../dist'),
      runs: comparisons * runs,
      warmup: 1,
    });
    const [before, after] = reports.map(splitReport) as [BenchReport[], BenchReport[]];
    const verdicts = before.map((report, index) => compareNow(report, after[index] as BenchReport));
    const wall = verdicts.map(({ rows }) => rows.find(({ measure }) => measure === 'wall'));
    const countOf = (...verdictNames: readonly string[]): number =>
      wall.filter((row) => verdictNames.includes(row?.verdict ?? '')).length;
    const share = (countOf('slower', 'regressed') / comparisons) * 100;
    return [
      {
        name: 'false alarms in comparisons of a program with itself',
        value: share,
        unit: '%',
        ...goal('≤', 1, share),
        how: `${comparisons} real comparisons of ${runs} with ${runs} interleaved runs: ${countOf('slower')} slower, ${countOf('regressed')} regressed, ${countOf('improved')} improved, ${countOf('unchanged')} unchanged, ${countOf('inconclusive')} inconclusive`,
      },
    ];
  } finally {
    rmSync(workspace, { recursive: true, force: true });
  }
}

/** Splits a long series of runs into many short ones. */
function splitReport(report: BenchReport): BenchReport[] {
  const [benchCase] = report.cases;
  if (!benchCase) return [];
  return Array.from({ length: comparisons }, (_, index) => {
    const range = benchCase.samplesNs.slice(index * runs, (index + 1) * runs);
    return {
      ...report,
      cases: [
        summarizeCase(
          benchCase.name,
          range.map((wallNs) => ({ wallNs })),
        ),
      ],
    };
  });
}
