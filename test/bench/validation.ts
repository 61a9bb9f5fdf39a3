/** What a validation costs: its report, its bundle and its metrics alone, and whole runs of each profile. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { importJson } from '../../src/core/export/snapshot-json.ts';
import { bootstrapMedian, seededRandom } from '../../src/core/statistics/statistics.ts';
import { prometheusOf } from '../../src/pipelines/validation/bundle/prometheus.ts';
import { reportOf } from '../../src/pipelines/validation/bundle/report.ts';
import { writeBundle } from '../../src/pipelines/validation/bundle/write-bundle.ts';
import { summaryOf } from '../../src/pipelines/validation/verdict/summary.ts';
import type { Overhead } from '../../src/protocol/snapshot.ts';
import { isValidation, type SkipReason, type Validation } from '../../src/protocol/validation.ts';
import { folder } from '../fixtures/pipeline.ts';
import { commit, reals } from '../pipelines/validation/real-repositories.ts';
import { type Told, validationOf } from '../pipelines/validation/sample-validation.ts';
import { type Figure, goal, medianOf } from './figure.ts';

const root = join(import.meta.dirname, '..', '..');
const cli = join(root, 'dist', 'cli.js');
const rounds = 51;
const warmRuns = 5;
const parallels = ['serial', 'auto', '4'] as const;
/** Seconds that a profile may take (spec S0, 1.0.5). */
const goals = { dev: 5, ci: 8, enterprise: 10 } as const;

export async function validation(): Promise<Figure[]> {
  const parts = await partFigures();
  if (!existsSync(cli)) throw new Error(`There is no ${cli}: run npm run build first.`);
  return [...parts, ...(await profileFigures()), ...(await realFigures())];
}

/** So many checks, each with a finding, a remediation and evidence of so many bytes. */
function validationWith(checks: number, evidence: number): Validation {
  const told = Array.from({ length: checks }, (_, index): Told => {
    const file = `src/module${index}.ts`;
    return {
      id: `CHECK_${index}`,
      category: ['workspace', 'build', 'tests', 'generation', 'safety'][index % 5] as string,
      status: index % 7 === 0 ? 'warn' : 'pass',
      message: `${index} files were read, and one of them has a fault.`,
      durationNs: (index + 1) * 1e6,
      findings: [{ file, line: index + 1, message: 'This is not as it should be.' }],
      evidence: [{ kind: 'file_content', content: `${index} `.padEnd(evidence, 'x'), path: file }],
      remediation: [{ priority: 'medium', title: `Mend ${file}`, steps: ['Open it.', 'Mend it.'] }],
    };
  });
  return validationOf(told);
}

async function partFigures(): Promise<Figure[]> {
  const temporary = folder();
  const [usual, fifty, hundred] = [validationWith(52, 1000), validationWith(50, 1024), validationWith(100, 0)];
  const target = join(temporary.path, 'bundle');
  const parts: readonly [name: string, how: string, work: () => unknown][] = [
    ['report of a validation, Markdown and JSON', '52 checks', () => [reportOf(usual), JSON.stringify(usual)]],
    [
      'bundle with receipt, written',
      '50 pieces of evidence of 1 KB, hashed',
      () => writeBundle(target, fifty, new Map()),
    ],
    [
      'metrics of a validation, Prometheus and summary',
      '100 checks',
      () => [prometheusOf(hundred), summaryOf(hundred)],
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

/** Whole processes on this repository, interleaved, after one run of each that warms the caches of tools. */
async function profileFigures(): Promise<Figure[]> {
  const temporary = folder();
  const figures: Figure[] = [];
  try {
    for (const [profile, seconds] of Object.entries(goals)) {
      const runs = new Map<string, Run[]>(parallels.map((parallel) => [parallel, []]));
      for (let round = 0; round <= warmRuns; round++) {
        for (const parallel of round % 2 === 0 ? parallels : parallels.toReversed()) {
          // The tests of this repository take minutes: only the other profiles have the time to warm all.
          const time = round === 0 && profile !== 'enterprise' ? ['--budget', 'off'] : [];
          const one = await run(root, ['--profile', profile, '--parallel', parallel, ...time], temporary.path);
          if (round > 0) runs.get(parallel)?.push(one);
        }
      }
      for (const [parallel, made] of runs)
        figures.push(profileFigure(`this repository, ${profile}, ${parallel}`, made, seconds));
      const usual = runs.get('auto') ?? [];
      figures.push(...categoryFigures(profile, usual), overheadFigure(profile, usual));
    }
    return figures;
  } finally {
    temporary.done();
  }
}

/** Repositories of others, each after one run that warms what its tools keep. */
async function realFigures(): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const { what, make } of reals) {
    const temporary = folder();
    try {
      const workspace = join(temporary.path, 'workspace');
      mkdirSync(workspace);
      const missing = make(workspace);
      if (missing !== undefined) {
        console.error(`  left out: ${missing} is not on this machine`);
        continue;
      }
      commit(workspace);
      for (const [profile, seconds] of Object.entries(goals)) {
        const made: Run[] = [];
        await run(workspace, ['--profile', profile, '--budget', 'off'], temporary.path);
        for (let round = 0; round < warmRuns; round++)
          made.push(await run(workspace, ['--profile', profile], temporary.path));
        figures.push(profileFigure(`${what}, ${profile}`, made, seconds));
      }
    } finally {
      temporary.done();
    }
  }
  return figures;
}

/** What a run said, and what it cost to measure it. */
interface Run {
  readonly validation: Validation;
  readonly overhead: Overhead;
}

function profileFigure(what: string, runs: readonly Run[], seconds: number): Figure {
  const times = runs.map(({ validation: { durationNs } }) => durationNs / 1e9);
  const ends = distinct(runs, ({ verdict, score }) => `${verdict} ${score}`);
  const made = distinct(runs, ({ checks }) => `${checks.length - skipped(checks)} of ${checks.length}`);
  const cut = distinct(runs, ({ checks }) => `${skipped(checks, 'budget')}`);
  return {
    name: `validation of ${what}`,
    value: medianOf(times),
    unit: 's',
    // A run that was ended by its budget is as short as that, and no success.
    goal: `< ${seconds}, whole`,
    met: medianOf(times) < seconds && cut === '0',
    how: `${made} checks made, ${cut} cut off by the budget, ${ends}, ${spread(times)}`,
  };
}

/** The checks of each category, added up: those of several lanes take less of a clock on the wall. */
function categoryFigures(profile: string, runs: readonly Run[]): Figure[] {
  const [first] = runs;
  const evaluated = first?.validation.categories.filter(({ score }) => score !== undefined) ?? [];
  return evaluated.map(({ id, passed, failed, warned }) => {
    const times = runs.flatMap(({ validation: { categories } }) =>
      categories.filter((one) => one.id === id).map(({ durationNs }) => durationNs / 1e6),
    );
    const how = `${passed + failed + warned} checks made, ${spread(times)}`;
    return { name: `checks of ${id}, ${profile}, auto`, value: medianOf(times), unit: 'ms', how };
  });
}

/** What the runs were, where they differ by commas. */
function distinct(runs: readonly Run[], say: (told: Validation) => string): string {
  return [...new Set(runs.map(({ validation: told }) => say(told)))].join(', ');
}

function skipped(checks: Validation['checks'], reason?: SkipReason): number {
  return checks.filter(({ status, skipReason }) => status === 'skip' && skipReason === (reason ?? skipReason)).length;
}

/** What is recorded and sent in the process of the checks, and the texts of the metrics, over the time that it took. */
function overheadFigure(profile: string, runs: readonly Run[]): Figure {
  const shares = runs.map(({ validation: told, overhead: { events, recordNs, flushNs } }) => {
    const startMs = performance.now();
    prometheusOf(told);
    summaryOf(told);
    const textNs = (performance.now() - startMs) * 1e6;
    return ((events * recordNs + flushNs + textNs) / told.durationNs) * 100;
  });
  const value = medianOf(shares);
  const shown = medianOf(runs.map(({ overhead }) => overhead.percent));
  const how = `${spread(shares)}; with the host that shows it ${shown.toFixed(1)} %`;
  return { name: `metrics of it, ${profile}`, value, unit: '%', ...goal('<', 1, value), how };
}

function spread(values: readonly number[]): string {
  const { low, high } = bootstrapMedian(values, { random: seededRandom(1) });
  return `median of ${values.length}, 95 % interval ${low.toPrecision(3)} to ${high.toPrecision(3)}`;
}

function run(workspace: string, args: readonly string[], temporary: string): Promise<Run> {
  const [result, snapshot] = [join(temporary, 'result.json'), join(temporary, 'snapshot.json')];
  const kept = ['--data', join(temporary, 'data'), '--out', join(temporary, 'out')];
  const all = [
    cli,
    'run',
    'validation',
    '--workspace',
    workspace,
    ...kept,
    '--result',
    result,
    '--snapshot',
    snapshot,
    ...args,
  ];
  return new Promise((resolve, reject) => {
    // Not ready is an answer too: whether there is one is seen by the files.
    execFile(process.execPath, all, { maxBuffer: 64e6 }, (_error, _stdout, stderr) => {
      try {
        const told: unknown = JSON.parse(readFileSync(result, 'utf8'));
        if (!isValidation(told)) throw new Error('no validation');
        resolve({ validation: told, overhead: importJson(readFileSync(snapshot, 'utf8')).overhead });
      } catch (cause) {
        reject(new Error(`a validation failed: ${stderr}`, { cause }));
      } finally {
        rmSync(result, { force: true });
      }
    });
  });
}
