import { mainScript } from './main-script.ts';

/** Reason why the probe leaves something out in a thread. */
export interface Conflict {
  readonly leavesOut: 'everything' | 'samples and timings' | 'samples';
  /** Sentence for the user; absent if there is no program to measure. */
  readonly notice?: string;
}

interface Surroundings {
  readonly script: string | undefined;
  /** Options of Node, such as `--cpu-prof`, without values. */
  readonly options: ReadonlySet<string>;
  readonly optionText: string;
}

interface Rule extends Conflict {
  readonly applies: (surroundings: Surroundings) => boolean;
}

/** Kinds of processes that run no program, or only start other processes. */
const scriptsWithoutProgram = /^(check_syntax|inspect|mksnapshot|print_\w+|prof_process|test_runner|watch_mode)$/;

/** Options of V8 that concern all threads. Node's options that start with `--trace-` concern only what the program does. */
const logsOfV8 =
  /^--(ll-prof|log|log-.+|print-.+|prof|trace-(?!deprecation|env|event|exit|promises|require|sigint|sync|tls|uncaught|warnings).+)$/;

/** In order of precedence. */
const rules: readonly Rule[] = [
  {
    // Node has no inspector in this process and aborts if a thread connects to it.
    applies: ({ script, optionText }) =>
      script === 'test_runner' && /--(experimental-)?test-isolation[= ]none/.test(optionText),
    leavesOut: 'everything',
    notice:
      'A test runner with --test-isolation=none cannot be profiled because Node offers no inspector there. Run the tests with process isolation.',
  },
  { applies: ({ script }) => scriptsWithoutProgram.test(script ?? ''), leavesOut: 'everything' },
  {
    // A worker that opens a socket aborts the process there.
    applies: ({ script }) => script === 'startup_snapshot',
    leavesOut: 'everything',
    notice: 'A program that starts from a snapshot cannot be profiled. Start it from its files.',
  },
  {
    // Opening an inspector without permission would end the whole process.
    applies: () => ['worker', 'inspector'].some((scope) => process.permission?.has(scope) === false),
    leavesOut: 'everything',
    notice:
      'A program without the permission for worker threads and the inspector cannot be profiled. Add --allow-worker and, if this version of Node has it, --allow-inspector.',
  },
  {
    // V8 would also print or log what the sampler's thread does.
    applies: ({ options }) => [...options].some((option) => logsOfV8.test(option)),
    leavesOut: 'everything',
    notice:
      'A program whose options make V8 print or log its work, such as --prof or --trace-gc, is not measured because the output would include the probe. Remove the options to measure.',
  },
  {
    // Node would print samples as errors, and inserted code would shift the positions of covered ranges.
    applies: ({ options }) => Boolean(process.env['NODE_V8_COVERAGE']) || options.has('--experimental-test-coverage'),
    leavesOut: 'samples and timings',
    notice:
      'Stack sampling and exact timings are off while coverage is collected (NODE_V8_COVERAGE) because they would change its results. Run without coverage to measure.',
  },
  {
    applies: ({ options }) => options.has('--cpu-prof'),
    leavesOut: 'samples',
    notice:
      'Stack sampling is off beside --cpu-prof because Node would print the samples. Exact timings still work. Remove --cpu-prof to sample.',
  },
];

/** Returns the first reason why this thread cannot be profiled completely, or undefined if it can. */
export function findConflict(): Conflict | undefined {
  const optionText = [...process.execArgv, process.env['NODE_OPTIONS']].join(' ').replaceAll('"', '');
  const options = new Set(optionText.split(/\s+/).map((option) => option.replace(/=.*/, '').replace(/(?<=.)_/g, '-')));
  const surroundings = { script: mainScript(), options, optionText: optionText.replaceAll('_', '-') };
  return rules.find(({ applies }) => applies(surroundings));
}
