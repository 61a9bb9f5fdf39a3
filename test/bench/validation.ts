/** Measures the validation: its report, bundle and metrics separately, and whole runs of each profile. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseSnapshotJson } from '../../src/core/export/snapshot-json.ts';
import { medianInterval } from '../../src/core/statistics/statistics.ts';
import { formatPrometheus } from '../../src/pipelines/validation/bundle/prometheus.ts';
import { formatReport } from '../../src/pipelines/validation/bundle/report.ts';
import { writeBundle } from '../../src/pipelines/validation/bundle/write-bundle.ts';
import { formatSummary } from '../../src/pipelines/validation/verdict/summary.ts';
import type { Overhead } from '../../src/protocol/snapshot.ts';
import { isValidation, type SkipReason, type Validation } from '../../src/protocol/validation/validation.ts';
import { createTemporaryFolder } from '../fixtures/pipeline.ts';
import { commit, realRepositories } from '../pipelines/validation/real-repositories.ts';
import { createSample, type SampleResult } from '../pipelines/validation/sample-validation.ts';
import { type Figure, goal, medianOf } from './figure.ts';

const root = join(import.meta.dirname, '..', '..');
const cli = join(root, 'dist', 'cli.js');
const rounds = 51;
const warmRuns = 5;
const parallels = ['serial', 'auto', '4'] as const;
/** Goal for the duration of each profile, in seconds. */
const maxSeconds = { dev: 5, ci: 8, enterprise: 10 } as const;

export async function validation(): Promise<Figure[]> {
  const parts = await measureParts();
  if (!existsSync(cli)) throw new Error(`${cli} is missing. Run npm run build first.`);
  return [...parts, ...(await measureProfiles()), ...(await measureRealRepositories())];
}

/** Builds a validation with a number of checks, each with a finding, a remediation and evidence of the given size. */
function buildValidation(checkCount: number, evidenceBytes: number): Validation {
  const checks = Array.from({ length: checkCount }, (_, index): SampleResult => {
    const file = `src/module${index}.ts`;
    return {
      id: `CHECK_${index}`,
      category: ['workspace', 'build', 'tests', 'generation', 'safety'][index % 5] as string,
      status: index % 7 === 0 ? 'warn' : 'pass',
      message: `${index} files were read, and one of them has an error.`,
      durationNs: (index + 1) * 1e6,
      findings: [{ file, line: index + 1, message: 'This value is invalid.' }],
      evidence: [{ kind: 'file_content', content: `${index} `.padEnd(evidenceBytes, 'x'), path: file }],
      remediation: [{ priority: 'medium', title: `Fix ${file}`, steps: ['Open it.', 'Fix it.'] }],
    };
  });
  return createSample(checks);
}

async function measureParts(): Promise<Figure[]> {
  const temporary = createTemporaryFolder();
  const [typical, fifty, hundred] = [buildValidation(60, 1000), buildValidation(50, 1024), buildValidation(100, 0)];
  const target = join(temporary.path, 'bundle');
  const parts: readonly [name: string, how: string, work: () => unknown][] = [
    ['report of a validation, Markdown and JSON', '60 checks', () => [formatReport(typical), JSON.stringify(typical)]],
    [
      'writing a bundle with its receipt',
      '50 pieces of evidence of 1 KB, hashed',
      () => writeBundle(target, fifty, new Map()),
    ],
    [
      'metrics of a validation, Prometheus and summary',
      '100 checks',
      () => [formatPrometheus(hundred), formatSummary(hundred)],
    ],
  ];
  try {
    const figures: Figure[] = [];
    for (const [name, how, work] of parts) {
      const times: number[] = [];
      for (let round = 0; round < 2 * rounds; round++) {
        const startMs = performance.now();
        await work();
        // The first half warms up.
        if (round >= rounds) times.push(performance.now() - startMs);
      }
      figures.push({ name, value: medianOf(times), unit: 'ms', how: `${how}, ${spread(times)}` });
    }
    return figures;
  } finally {
    temporary.done();
  }
}

/** Measures whole processes on this repository, interleaved, after one run of each to warm the caches of the tools. */
async function measureProfiles(): Promise<Figure[]> {
  const temporary = createTemporaryFolder();
  const figures: Figure[] = [];
  try {
    for (const [profile, seconds] of Object.entries(maxSeconds)) {
      const runs = new Map<string, Run[]>(parallels.map((parallel) => [parallel, []]));
      for (let round = 0; round <= warmRuns; round++) {
        for (const parallel of round % 2 === 0 ? parallels : parallels.toReversed()) {
          // Running the tests of this repository takes minutes, so the enterprise profile keeps its budget.
          const budget = round === 0 && profile !== 'enterprise' ? ['--budget', 'off'] : [];
          const result = await run(root, ['--profile', profile, '--parallel', parallel, ...budget], temporary.path);
          if (round > 0) runs.get(parallel)?.push(result);
        }
      }
      for (const [parallel, results] of runs)
        figures.push(profileFigure(`this repository, ${profile}, ${parallel}`, results, seconds));
      const autoRuns = runs.get('auto') ?? [];
      figures.push(...categoryFigures(profile, autoRuns), overheadFigure(profile, autoRuns));
    }
    return figures;
  } finally {
    temporary.done();
  }
}

/** Measures real third-party repositories, each after one run to warm the caches of its tools. */
async function measureRealRepositories(): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const { title, create } of realRepositories) {
    const temporary = createTemporaryFolder();
    try {
      const workspace = join(temporary.path, 'workspace');
      mkdirSync(workspace);
      const missing = create(workspace);
      if (missing !== undefined) {
        console.error(`  skipped: this machine does not have ${missing}`);
        continue;
      }
      commit(workspace);
      for (const [profile, seconds] of Object.entries(maxSeconds)) {
        const results: Run[] = [];
        await run(workspace, ['--profile', profile, '--budget', 'off'], temporary.path);
        for (let round = 0; round < warmRuns; round++)
          results.push(await run(workspace, ['--profile', profile], temporary.path));
        figures.push(profileFigure(`${title}, ${profile}`, results, seconds));
      }
    } finally {
      temporary.done();
    }
  }
  return figures;
}

/** Result of a run and its profiler overhead. */
interface Run {
  readonly validation: Validation;
  readonly overhead: Overhead;
}

function profileFigure(what: string, runs: readonly Run[], seconds: number): Figure {
  const times = runs.map(({ validation: { durationNs } }) => durationNs / 1e9);
  const outcomes = distinct(runs, ({ verdict, score }) => `${verdict} ${score}`);
  const completed = distinct(runs, ({ checks }) => `${checks.length - countSkipped(checks)} of ${checks.length}`);
  const skippedByBudget = distinct(runs, ({ checks }) => `${countSkipped(checks, 'budget')}`);
  return {
    name: `validation of ${what}`,
    value: medianOf(times),
    unit: 's',
    // A run that ended early because of its time budget is not a success.
    goal: `< ${seconds}, complete`,
    met: medianOf(times) < seconds && skippedByBudget === '0',
    how: `${completed} checks completed, ${skippedByBudget} skipped for lack of time, ${outcomes}, ${spread(times)}`,
  };
}

/** Returns the total time of the checks in each category, which exceeds the wall time if they run in parallel. */
function categoryFigures(profile: string, runs: readonly Run[]): Figure[] {
  const [first] = runs;
  const evaluated = first?.validation.categories.filter(({ score }) => score !== undefined) ?? [];
  return evaluated.map(({ id, passed, failed, warned }) => {
    const times = runs.flatMap(({ validation: { categories } }) =>
      categories.filter((category) => category.id === id).map(({ durationNs }) => durationNs / 1e6),
    );
    const how = `${passed + failed + warned} checks completed, ${spread(times)}`;
    return { name: `checks of ${id}, ${profile}, auto`, value: medianOf(times), unit: 'ms', how };
  });
}

/** Lists the distinct descriptions of the runs, separated by commas. */
function distinct(runs: readonly Run[], describe: (result: Validation) => string): string {
  return [...new Set(runs.map(({ validation: result }) => describe(result)))].join(', ');
}

function countSkipped(checks: Validation['checks'], reason?: SkipReason): number {
  return checks.filter(({ status, skipReason }) => status === 'skip' && skipReason === (reason ?? skipReason)).length;
}

/** Measures the share of the run spent on recording and sending events in the checks' process, and on formatting metrics. */
function overheadFigure(profile: string, runs: readonly Run[]): Figure {
  const shares = runs.map(({ validation: result, overhead: { events, recordNs, flushNs } }) => {
    const startMs = performance.now();
    formatPrometheus(result);
    formatSummary(result);
    const textNs = (performance.now() - startMs) * 1e6;
    return ((events * recordNs + flushNs + textNs) / result.durationNs) * 100;
  });
  const value = medianOf(shares);
  const shown = medianOf(runs.map(({ overhead }) => overhead.percent));
  const how = `${spread(shares)}; ${shown.toFixed(1)} % including the host`;
  return { name: `overhead of its metrics, ${profile}`, value, unit: '%', ...goal('<', 1, value), how };
}

function spread(values: readonly number[]): string {
  const interval = medianInterval(values);
  const range = interval && `, 95 % interval ${interval.low.toPrecision(3)} to ${interval.high.toPrecision(3)}`;
  return `median of ${values.length}${range ?? ''}`;
}

function run(workspace: string, args: readonly string[], temporary: string): Promise<Run> {
  const [resultFile, snapshotFile] = [join(temporary, 'result.json'), join(temporary, 'snapshot.json')];
  const folders = ['--data', join(temporary, 'data'), '--out', join(temporary, 'out')];
  const argv = [
    cli,
    'run',
    'validation',
    '--workspace',
    workspace,
    ...folders,
    '--result',
    resultFile,
    '--snapshot',
    snapshotFile,
    ...args,
  ];
  return new Promise((resolve, reject) => {
    // A non-zero exit code may mean "not ready". The result file shows whether the validation succeeded.
    execFile(process.execPath, argv, { maxBuffer: 64e6 }, (_error, _stdout, stderr) => {
      try {
        const value: unknown = JSON.parse(readFileSync(resultFile, 'utf8'));
        if (!isValidation(value)) throw new Error('invalid result file');
        resolve({ validation: value, overhead: parseSnapshotJson(readFileSync(snapshotFile, 'utf8')).overhead });
      } catch (cause) {
        reject(new Error(`a validation failed: ${stderr}`, { cause }));
      } finally {
        rmSync(resultFile, { force: true });
      }
    });
  });
}
