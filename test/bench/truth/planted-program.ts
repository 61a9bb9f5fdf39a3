/** Measures which shares of a program's time its functions have, without a profiler. */
import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { medianOf } from '../figure.ts';

export const programFolder = join(import.meta.dirname, 'programs');
const timeVariants = join(import.meta.dirname, 'time-variants.mjs');

export interface PlantedProgram {
  readonly name: string;
  /** Files in `programFolder`. The first one exports `round`. */
  readonly files: readonly [string, ...string[]];
}

/** Shares of a program's CPU time. */
export interface PlantedShares {
  /** Percent of the CPU time of a round, by function. */
  readonly shares: ReadonlyMap<string, number>;
  readonly roundMs: number;
  /** Copy of the program in which the shares were measured, below a folder with the name `programs`. */
  readonly path: string;
}

/**
 * Work of a function: `// <name>`, statements that may run twice in a row, `// </name>`; `// <name - other>` if they call a
 * function that marks its work too. `// <name timed>` is work that takes long enough to be timed.
 */
const markedWork = /^ *\/\/ <(\w+)(?: - (\w+))?( timed)?>\n([\s\S]*?)^ *\/\/ <\/\1>\n/gm;

interface Mark {
  readonly name: string;
  /** Function whose share is part of what was measured. */
  readonly called: string;
  readonly isTimed: boolean;
  readonly work: string;
}

/** One turn of all variants: CPU microseconds of a round of each, and percent of the time between timers, by function. */
interface Turn {
  readonly cpuUs: readonly number[];
  readonly timedShares: Readonly<Record<string, number>>;
}

/**
 * Measures the share of each function of a program without a profiler. Work that takes long is timed where it runs. Other work is
 * done twice: its share is the CPU time that a round takes longer, divided by the CPU time of a round.
 *
 * @param temporary empty folder for the variants of the program
 */
export function measureShares({ files }: PlantedProgram, temporary: string, turns: number): PlantedShares {
  const texts = files.map((file) => readFileSync(join(programFolder, file), 'utf8'));
  const marks = texts.flatMap((text) => [...text.matchAll(markedWork)].map(toMark));
  const doubled = marks.filter(({ isTimed }) => !isTimed).map(({ name }) => name);
  const paths = ['', ...doubled].map((doubledName) => {
    const folder = join(temporary, doubledName || 'plain', 'programs');
    cpSync(programFolder, folder, { recursive: true });
    const rewrite = (mark: Mark): string | undefined =>
      mark.isTimed ? timeWork(mark) : mark.name === doubledName ? repeatWork(mark) : undefined;
    for (const [index, file] of files.entries())
      writeFileSync(join(folder, file), rewriteWork(texts[index] ?? '', rewrite));
    return join(folder, files[0]);
  });
  const output = execFileSync(process.execPath, [timeVariants, String(turns), ...paths], { encoding: 'utf8' });
  const measured = JSON.parse(output) as readonly Turn[];
  const shareIn = ({ cpuUs, timedShares }: Turn, { name, isTimed }: Mark): number =>
    isTimed
      ? (timedShares[name] ?? Number.NaN)
      : ((cpuUs[doubled.indexOf(name) + 1] ?? Number.NaN) / (cpuUs[0] ?? Number.NaN) - 1) * 100;
  const measuredShares = new Map(
    marks.map((mark) => [mark.name, medianOf(measured.map((turn) => shareIn(turn, mark)))]),
  );
  const shares = marks.map(
    ({ name, called }) => [name, (measuredShares.get(name) ?? 0) - (measuredShares.get(called) ?? 0)] as const,
  );
  return {
    path: paths[0] ?? '',
    shares: new Map(shares),
    roundMs: medianOf(measured.map(({ cpuUs }) => cpuUs[0] ?? Number.NaN)) / 1000,
  };
}

function toMark([, name = '', called = '', timed, work = '']: readonly (string | undefined)[]): Mark {
  return { name, called, isTimed: timed !== undefined, work };
}

/** Replaces the marked work for which `rewrite` returns a text. */
function rewriteWork(text: string, rewrite: (mark: Mark) => string | undefined): string {
  return text.replace(markedWork, (...match) => rewrite(toMark(match.slice(0, 5))) ?? (match[0] as string));
}

/** Repeats work with little more code, because V8 inlines functions by their size. Work without a loop gets no loop. */
function repeatWork({ work }: Mark): string {
  const hasLoop = /\b(?:for|while) \(/.test(work);
  return hasLoop ? `for (let again = 0; again < 2; again++) {\n${work}}\n` : `{\n${work}}\n{\n${work}}\n`;
}

/** Adds the time of work to `globalThis.spentMs`. The program that is profiled does so too, because timers change how V8 optimizes. */
function timeWork({ name, work }: Mark): string {
  return `const startMs = performance.now();\n${work}globalThis.spentMs ??= {};\nspentMs.${name} = (spentMs.${name} ?? 0) + performance.now() - startMs;\n`;
}
