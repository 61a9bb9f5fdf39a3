/** A program that calls one function as fast as possible and keeps its own count, to find lost calls. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  createProgramFolder,
  operationsIn,
  type ProfiledResult,
  type ProgramOptions,
  runProfiled,
} from '../profiled-program.ts';

/** Prints a line, calls one function as fast as possible, and regularly writes the time and the number of calls to a file. */
const countingProgram = `
const { openSync, writeSync } = require('node:fs');
function work(x) { return x + 1; }
const truth = openSync('truth', 'a');
const endMs = performance.now() + Number(process.argv[2]);
let calls = 0;
console.log('started');
for (let nextMs = 0; performance.now() < endMs; ) {
  for (let i = 0; i < 2000; i++, calls++) work(i);
  const nowMs = performance.now();
  if (nowMs < nextMs) continue;
  writeSync(truth, (performance.timeOrigin + nowMs) + ' ' + calls + '\\n');
  nextMs = nowMs + 5;
}
writeSync(truth, (performance.timeOrigin + performance.now()) + ' ' + calls + '\\n');
`;

export interface Moment {
  readonly wallMs: number;
  readonly calls: number;
}

export interface CountingRun {
  readonly result: ProfiledResult;
  /** Numbers of calls that the program itself has written down. */
  readonly truth: readonly Moment[];
  /** Number of calls that the probe has reported. */
  readonly count: number;
}

/** Runs the program under the probe for at most `durationMs`. */
export async function runCountingProgram(
  durationMs: number,
  onStarted: NonNullable<ProgramOptions['onStarted']>,
): Promise<CountingRun> {
  const cwd = createProgramFolder({ 'counting.cjs': countingProgram });
  const exact = [{ file: join(cwd, 'counting.cjs'), name: 'work' }];
  const result = await runProfiled(['counting.cjs', String(durationMs)], {
    cwd,
    config: { exact, samplingNs: 4e6, budgetRatio: 0.01 },
    onStarted,
  });
  const lines = readFileSync(join(cwd, 'truth'), 'utf8').trim().split('\n');
  const truth = lines.map((line) => {
    const [wallMs = 0, calls = 0] = line.split(' ').map(Number);
    return { wallMs, calls };
  });
  return { result, truth, count: operationsIn(result.batches).find(({ name }) => name === 'work')?.count ?? 0 };
}

/** Returns the times between two reports, in milliseconds. */
export function gapsBetween({ arrivalsMs }: ProfiledResult): readonly number[] {
  return arrivalsMs.slice(1).map((arrivalMs, index) => arrivalMs - (arrivalsMs[index] as number));
}
