/** `pipescope receive`: records what programs started elsewhere send by OpenTelemetry, until it is interrupted. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { defaultThresholds } from '../../core/snapshot/health.ts';
import { gitOf } from '../git.ts';
import { environmentOf, exportsOf } from '../otlp/receive/otlp-environment.ts';
import { Receiver } from '../otlp/receive/otlp-receiver.ts';
import type { Pipeline } from '../run/launch-spec.ts';
import { Recording } from '../run/recording.ts';
import { exitCodes, type Invocation, placeOf, UsageError } from './invocation.ts';
import { remember, saveSnapshot, summaryOf } from './save-snapshot.ts';
import { Screen } from './screen.ts';

const beatMs = 250;
const highestPort = 65_535;

const pipeline: Pipeline = {
  id: 'otlp',
  title: 'OpenTelemetry',
  description: 'What instrumented programs send.',
  components: [],
  throughput: [],
};

export async function receive(invocation: Invocation): Promise<number> {
  const { words, options, stdout, stderr, signal } = invocation;
  if (words.length > 0) throw new UsageError(`receive takes no words, not “${words[0]}”. See pipescope --help.`);
  const port = portOf(options.port);
  const { workspace, data } = placeOf(invocation);
  const screen = new Screen(stderr);
  const log = options.verbose ? (line: string) => screen.line(line) : () => undefined;
  const git = await gitOf(workspace);
  const { id, title } = pipeline;
  const run = { id: randomUUID(), pipeline: id, title, workspace, ...(git ? { git } : {}) };
  const recording = new Recording(pipeline, run, log);
  const receiver = await Receiver.open({
    port,
    guarded: options.token === true,
    onBatch: (batch) => recording.take(batch),
    onFault: (what) => recording.fault(what),
    log,
  });
  screen.line(`Receiving OpenTelemetry at ${receiver.endpoint} until interrupted. Start programs with:`);
  screen.line(exportsOf(environmentOf(receiver, {})));
  const started = performance.now();
  const beat = setInterval(() => {
    screen.show(recording.picture(defaultThresholds, 'live'), performance.now() - started);
  }, beatMs);
  if (!signal.aborted) await once(signal, 'abort');
  clearInterval(beat);
  await receiver.close();
  recording.finish({ exitCode: exitCodes.ok, stderr: '', stopped: false });
  const snapshot = recording.picture(defaultThresholds, 'live');
  screen.end(snapshot);
  if (options.snapshot) await saveSnapshot(options.snapshot, recording.picture(defaultThresholds, 'whole'));
  remember(data, snapshot, screen);
  if (options.json) stdout.write(`${JSON.stringify(summaryOf(snapshot))}\n`);
  return exitCodes.ok;
}

/** 0 takes any port that is free. */
function portOf(text: string | undefined): number {
  const port = Number(text ?? 0);
  if (Number.isInteger(port) && port >= 0 && port <= highestPort) return port;
  throw new UsageError(`--port wants a number from 0 to ${highestPort}, not “${text}”.`);
}
