/** `pipescope overhead`: a program with and without the probe in turns, and what the difference is. */
import { costLine } from '../../core/export/overhead-text.ts';
import { measureOverhead } from '../benchmark/measure-overhead.ts';
import { commandSubject, pipelineSubject } from '../benchmark/target.ts';
import { exitCodes, type Invocation, placeOf, subjectOf, UsageError, wholeOf } from './invocation.ts';
import { Screen } from './screen.ts';

export async function overhead(invocation: Invocation): Promise<number> {
  const { options, dist, signal, stdout, stderr } = invocation;
  const screen = new Screen(stderr);
  const costs = await measureOverhead(subjectsOf(invocation), {
    dist,
    signal,
    alone: true,
    ...(options['ignore-failure'] ? { ignoreFailure: true } : {}),
    runs: options.runs === undefined ? 'auto' : wholeOf('runs', options.runs, 10, 1),
    warmup: wholeOf('warmup', options.warmup, 1, 0),
    onProgress: ({ done, total, what }) => screen.status(`run ${Math.min(done + 1, total)} of ${total}: ${what}`),
  });
  stdout.write(options.json ? `${JSON.stringify({ costs })}\n` : costs.map((cost) => `${costLine(cost)}\n`).join(''));
  return exitCodes.ok;
}

function subjectsOf(invocation: Invocation): Parameters<typeof measureOverhead>[0] {
  const { command, words, dist } = invocation;
  const [first, ...rest] = command;
  if (first === undefined) {
    const { pipeline, workspace } = subjectOf(invocation);
    return (name, bare) => pipelineSubject({ pipeline, workspace, dist, name, bare });
  }
  if (words.length > 0) throw new UsageError(`Either a pipeline or a command behind --, not both (“${words[0]}”).`);
  const { workspace } = placeOf(invocation);
  return (name, bare) => commandSubject({ words: [first, ...rest], workspace, cwd: process.cwd(), name, bare });
}
