/** `pipescope receive`: records telemetry sent over OTLP by other programs until it is interrupted. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { defaultThresholds } from '../../core/snapshot/health.ts';
import { defined } from '../../protocol/defined.ts';
import { readGitState } from '../git.ts';
import { formatExports, otlpEnvironment } from '../otlp/receive/otlp-environment.ts';
import { otlpPipeline } from '../otlp/receive/otlp-pipeline.ts';
import { OtlpReceiver } from '../otlp/receive/otlp-receiver.ts';
import { Recording } from '../run/recording.ts';
import { exitCodes, foldersOf, type Invocation, UsageError } from './invocation.ts';
import { formatSnapshotLine, saveRun } from './output/save-snapshot.ts';
import { Screen } from './output/screen.ts';

const progressIntervalMs = 250;
const maxPort = 65_535;

export async function receive(invocation: Invocation): Promise<number> {
  const { options, stdout, stderr, signal } = invocation;
  const port = parsePort(options.port);
  const { workspace, data } = foldersOf(invocation);
  const screen = new Screen(stderr);
  const log = options.verbose ? (line: string) => screen.line(line) : () => undefined;
  const git = await readGitState(workspace);
  const { id, title } = otlpPipeline;
  const run = { id: randomUUID(), pipeline: id, title, workspace, ...defined({ git }) };
  const recording = new Recording(otlpPipeline, run, log);
  const receiver = await OtlpReceiver.open({
    port,
    requiresToken: options.token === true,
    onBatch: (batch) => recording.ingest(batch),
    onRejected: (what) => recording.reportRejected(what),
    log,
  });
  screen.line(`Receiving OpenTelemetry data at ${receiver.endpoint}. Press Ctrl+C to stop.`);
  screen.line('To send data from a program, start it with these environment variables:');
  screen.lines(formatExports(otlpEnvironment(receiver, {})).split('\n'));
  const startMs = performance.now();
  const timer = setInterval(() => {
    screen.show(recording.snapshot(defaultThresholds, 'live'), performance.now() - startMs);
  }, progressIntervalMs);
  if (!signal.aborted) await once(signal, 'abort');
  clearInterval(timer);
  await receiver.close();
  recording.finish({ exitCode: exitCodes.ok, stderr: '', stopped: false });
  const snapshot = recording.snapshot(defaultThresholds, 'live');
  screen.end(snapshot);
  const build = () => recording.snapshot(defaultThresholds, 'whole');
  saveRun(snapshot, { screen, data, file: options.snapshot, build });
  if (options.json) stdout.write(formatSnapshotLine(snapshot));
  return exitCodes.ok;
}

/** Parses the port. 0, the default, selects any free port. */
function parsePort(text: string | undefined): number {
  const port = Number(text ?? 0);
  if (Number.isInteger(port) && port >= 0 && port <= maxPort) return port;
  throw new UsageError(`--port must be a number from 0 to ${maxPort} (got “${text}”).`);
}
