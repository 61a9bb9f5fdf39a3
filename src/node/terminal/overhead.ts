/** `pipescope overhead`: runs a program with and without the probe, alternately, and prints the difference. */
import { formatOverheadLine } from '../../core/export/overhead-text.ts';
import { formatJsonLine } from '../../protocol/escape/json-line.ts';
import { joinTerminalLines } from '../../protocol/escape/terminal-lines.ts';
import { measureOverhead } from '../benchmark/measure-overhead.ts';
import type { TargetSource } from '../benchmark/target.ts';
import { exitCodes, type Invocation } from './invocation.ts';
import { formatRunNumber, readBenchOptions, selectTarget } from './options/benchmark-options.ts';
import { Screen } from './output/screen.ts';

export async function overhead(invocation: Invocation): Promise<number> {
  const { options, stdout, stderr } = invocation;
  const screen = new Screen(stderr);
  const { workspace, source } = selectTarget(invocation);
  const costs = await measureOverhead(
    inCurrentFolder(source),
    { workspace },
    {
      ...readBenchOptions(invocation),
      onProgress: ({ done, total, what }) => screen.status(`${formatRunNumber(done, total)}: ${what}`),
    },
  );
  stdout.write(options.json ? formatJsonLine({ costs }) : joinTerminalLines(costs.map(formatOverheadLine)));
  return exitCodes.ok;
}

/** Runs a command in the current folder, like the shell does, rather than in the workspace folder. */
function inCurrentFolder(source: TargetSource): TargetSource {
  return source.kind === 'command' ? { ...source, cwd: process.cwd() } : source;
}
