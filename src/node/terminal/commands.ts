/** The commands of the terminal: a row adds one. */
import { bench } from './bench.ts';
import type { Invocation } from './invocation.ts';
import { overhead } from './overhead.ts';
import { receive } from './receive.ts';
import { run } from './run.ts';
import { verify } from './verify.ts';

export interface Command {
  readonly name: string;
  /** Each way to call it, with what that does. */
  readonly usages: readonly { readonly line: string; readonly summary: string }[];
  /** Resolves with the exit code; rejects with a HumanError. */
  readonly start: (invocation: Invocation) => Promise<number>;
}

export const commands: readonly Command[] = [
  {
    name: 'run',
    usages: [
      {
        line: 'run <pipeline> [--workspace DIR] [--result FILE] [--snapshot FILE] [--cold] [--json]',
        summary: 'Run a pipeline and show its health, timings and cache hits.',
      },
      {
        line: 'run validation [--workspace DIR] [--profile NAME] [--parallel auto|serial|N] [--budget MS|off] [--base REF] [--out DIR] [--json]',
        summary: 'Check whether a workspace is done: dev, ci, enterprise, or a profile of its own.',
      },
      {
        line: 'run [--snapshot FILE] [--exact FILE:FUNCTION]… [--sampling MS|off] [--progress] [--json] -- <command…>',
        summary: 'Run any program; its input, output and exit code are its own.',
      },
    ],
    start: run,
  },
  {
    name: 'bench',
    usages: [
      {
        line: 'bench <pipeline | suite> [--workspace DIR] [--runs N] [--warmup N] [--prepare COMMAND] [--save NAME] [--against NAME|last|FILE|REF|merge-base] [--install COMMAND] [--ignore-failure] [--format text|json|markdown|github|custom-smaller-is-better|hyperfine] [--fail-on regressed|slower|inconclusive|never] [--json]',
        summary:
          'Run it again and again, as often as the noise asks for, in each of its cases; save a baseline or compare with one, or with another commit.',
      },
      {
        line: 'bench [the same] -- <command…>',
        summary: 'The same for any program.',
      },
      {
        line: 'bench --noise <pipeline> | -- <command…>',
        summary: 'Compare the same with the same, and remember what this machine’s noise is.',
      },
    ],
    start: bench,
  },
  {
    name: 'overhead',
    usages: [
      {
        line: 'overhead <pipeline> | -- <command…> [--runs N] [--warmup N] [--ignore-failure] [--json]',
        summary: 'Run it with and without the probe in turns, and tell what the profiler costs.',
      },
    ],
    start: overhead,
  },
  {
    name: 'receive',
    usages: [
      {
        line: 'receive [--port N] [--token] [--snapshot FILE] [--json]',
        summary: 'Record what programs send by OpenTelemetry, until interrupted.',
      },
    ],
    start: receive,
  },
  {
    name: 'verify',
    usages: [
      {
        line: 'verify DIR|receipt.json [--json]',
        summary: 'Check that the bundle of a validation is byte for byte what was written.',
      },
    ],
    start: verify,
  },
];
