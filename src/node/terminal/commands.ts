/** Table of the `pipescope` commands. One row adds one command. */
import type { Invocation } from './invocation.ts';

/** An option with its value, such as `--runs N`, and its description. */
export type OptionHelp = readonly [option: string, description: string];

export interface CommandUsage {
  /** Arguments after `pipescope`. */
  readonly line: string;
  readonly summary: string;
  readonly options?: readonly OptionHelp[];
}

/** Resolves with the exit code. Rejects with a HumanError. */
type StartCommand = (invocation: Invocation) => Promise<number>;

export interface TerminalCommand {
  readonly name: string;
  readonly usages: readonly CommandUsage[];
  /** Maximum number of arguments before `--`. */
  readonly maxPositionals: number;
  /** Loads the code of the command only when it is needed, because a program must start without delay. */
  readonly load: () => Promise<StartCommand>;
}

const snapshot: OptionHelp = ['--snapshot FILE', 'Write the complete snapshot of the run to FILE as JSON'];
const repetition: readonly OptionHelp[] = [
  ['--runs N', 'Runs of each scenario (default: 10 to 30 by noise; more if short)'],
  ['--warmup N', 'Warm-up runs of each scenario, not measured (default: 1)'],
  ['--ignore-failure', 'Accept runs with a non-zero exit code, e.g. of a linter'],
];

export const commands: readonly TerminalCommand[] = [
  {
    name: 'run',
    maxPositionals: 1,
    usages: [
      {
        line: 'run <pipeline> [options]',
        summary: 'Run a pipeline and print its health, timings and cache hits.',
        options: [
          ['--cold', 'Ignore the caches of earlier runs'],
          ['--result FILE', 'Write the result of the pipeline to FILE'],
          snapshot,
        ],
      },
      {
        line: 'run validation [options]',
        summary: 'Check whether a workspace is ready, and print each check and the verdict.',
        options: [
          ['--profile NAME', 'dev (default), ci, enterprise, or a profile in pipescope.json'],
          ['--parallel auto|serial|N', 'Number of checks that run at the same time'],
          ['--budget MS|off', 'Time budget in milliseconds (default: that of the profile)'],
          ['--base REF', 'Git ref with which the changes of the workspace are compared'],
          ['--out DIR', 'Write a bundle with evidence and a receipt to DIR'],
        ],
      },
      {
        line: 'run [options] -- <command…>',
        summary: 'Profile any program. Its input, output and exit code stay the same.',
        options: [
          ['--exact FILE:FUNCTION', 'Time every call of a function; FILE:LINE also works (repeatable)'],
          ['--sampling MS|fine|off', 'Interrupt Node every MS ms (0.25 to 1000), or use V8’s profiler (fine)'],
          ['--profile FILE', 'Write the call stacks for other tools, e.g. FILE.cpuprofile or FILE.pb.gz'],
          ['--progress', 'Add a line with the hottest functions every second (only on a terminal)'],
          ['--summary', 'Show the ten hottest functions at the end (default on a terminal)'],
          ['--no-summary', 'Show no summary'],
          snapshot,
        ],
      },
    ],
    load: async () => (await import('./run.ts')).run,
  },
  {
    name: 'attach',
    maxPositionals: 1,
    usages: [
      {
        line: 'attach <PID> [options]',
        summary: 'Sample a running Node or Python program until interrupted. The program runs on.',
        options: [
          ['--duration S', 'Leave the program after S seconds'],
          ['--sampling MS|fine', 'As for run'],
          ['--profile FILE', 'Write the call stacks for other tools, e.g. FILE.cpuprofile or FILE.pb.gz'],
          snapshot,
        ],
      },
    ],
    load: async () => (await import('./attach.ts')).attach,
  },
  {
    name: 'bench',
    maxPositionals: 1,
    usages: [
      {
        line: 'bench <pipeline | suite> [options]',
        summary: 'Run each scenario repeatedly. Save the result as a baseline or compare it with a reference.',
      },
      {
        line: 'bench [options] -- <command…>',
        summary: 'Benchmark any program.',
        options: [
          ...repetition,
          ['--prepare COMMAND', 'Command to run before each run, e.g. to clear a cache (not measured)'],
          ['--save NAME', 'Save the result as a baseline'],
          ['--against NAME|last|FILE', 'Compare with a baseline, the last good run, or a JSON report'],
          ['--against REF|merge-base', 'Compare with another commit, measured alternately'],
          ['--install COMMAND', 'Command that prepares that commit (default: install from its lock file)'],
          ['--noise', 'Compare the target with itself and remember the noise of this machine'],
          ['--format FORMAT', 'text (default), json, markdown, github, custom-smaller-is-better, hyperfine'],
          ['--fail-on VERDICT|never', 'Exit with 1 from this verdict on: regressed (default), slower, inconclusive'],
        ],
      },
    ],
    load: async () => (await import('./bench.ts')).bench,
  },
  {
    name: 'overhead',
    maxPositionals: 1,
    usages: [
      {
        line: 'overhead <pipeline> [options]',
        summary: 'Measure profiler overhead: run a pipeline alternately with and without the probe.',
      },
      {
        line: 'overhead [options] -- <command…>',
        summary: 'Measure the profiler overhead of any program.',
        options: repetition,
      },
    ],
    load: async () => (await import('./overhead.ts')).overhead,
  },
  {
    name: 'receive',
    maxPositionals: 0,
    usages: [
      {
        line: 'receive [options]',
        summary: 'Record the OpenTelemetry data that programs send, until interrupted.',
        options: [
          ['--port N', 'Port to listen on (default: any free port)'],
          ['--token', 'Accept only requests with a token, which is printed at the start'],
          snapshot,
        ],
      },
    ],
    load: async () => (await import('./receive.ts')).receive,
  },
  {
    name: 'show',
    maxPositionals: 1,
    usages: [
      {
        line: 'show <FILE>',
        summary: 'Show the summary of a saved snapshot, or of a profile of another tool.',
      },
    ],
    load: async () => (await import('./show.ts')).show,
  },
  {
    name: 'verify',
    maxPositionals: 1,
    usages: [
      {
        line: 'verify <DIR | receipt.json>',
        summary: 'Check that no file of a validation bundle has changed since it was written.',
      },
    ],
    load: async () => (await import('./verify.ts')).verify,
  },
];
