/** Starts a run: a built-in pipeline, a program with endpoints for its probes, or endpoints without a program. */
import type { SpanContext } from '@opentelemetry/api';
import type { ProbeConfig } from '../../protocol/control.ts';
import { defined } from '../../protocol/defined.ts';
import type { TreeSample } from '../../protocol/tree-sample.ts';
import { collectorOf } from '../otlp/send/collector.ts';
import { GuestEndpoints, type GuestEndpointsOptions } from './guest-endpoints.ts';
import {
  environmentWithoutProbe,
  guestEnvironment,
  pipelineEnvironment,
  programEnvironment,
} from './guest-environment.ts';
import type { LaunchSpec } from './launch-spec.ts';
import { RunPythonStacks } from './python-stacks/run-python-stacks.ts';
import { type RunExit, RunProcess, type RunProcessOptions } from './run-process.ts';
import { traceEnvironment } from './trace-context.ts';

export interface StartOptions
  extends Pick<RunProcessOptions, 'onMessage' | 'onOutput'>,
    Pick<GuestEndpointsOptions, 'onLine'> {
  readonly runId: string;
  readonly span: SpanContext;
  /** Folder of the built bundles. */
  readonly dist: string;
  readonly probeConfig: ProbeConfig;
  /** Base environment of the program; this process's environment by default. */
  readonly environment?: NodeJS.ProcessEnv;
  /** Called for data that could not be read. */
  readonly onFault: (what: string) => void;
  /** Receives messages about rejected senders. */
  readonly log?: (line: string) => void;
}

/** Controls a run that has been started. */
export interface RunHandle {
  readonly child: Pick<RunProcess, 'pid' | 'stop' | 'kill'> &
    Partial<Pick<RunProcess, 'usage'>> & {
      /** Use of a program before the run attached to it. */
      readonly earlier?: TreeSample;
    };
  /** Resolves when the program has exited and its guests have disconnected. Rejects if it could not be started. */
  readonly ended: Promise<RunExit>;
  /** Sends a new configuration to the program's probes. */
  configure(probeConfig: ProbeConfig): void;
  /** Disconnects without ending the program. Only set if the program can outlive this process. */
  detach?(): void;
  /** Stops or continues reading the program's output. */
  setOutputPaused?(isPaused: boolean): void;
}

export async function startRun({ start, ...spec }: LaunchSpec, options: StartOptions): Promise<RunHandle> {
  const { runId, span, dist, probeConfig, environment = process.env, onMessage, onOutput } = options;
  if (start.kind === 'module') {
    const env = start.noProbe
      ? environmentWithoutProbe(runId)
      : { ...pipelineEnvironment(runId), ...traceEnvironment(span) };
    const child = new RunProcess({ launch: { ...spec, start }, runId, dist, env, onMessage, onOutput });
    return { child, ended: child.ended, configure: (probeConfig) => child.send({ type: 'wish', wishes: probeConfig }) };
  }
  if (start.kind === 'command' && start.noProbe) {
    const env = { ...programEnvironment(environment), ...start.env };
    const child = new RunProcess({ launch: { ...spec, start }, runId, dist, env, onMessage, onOutput });
    return {
      child,
      ended: child.ended,
      configure: () => undefined,
      setOutputPaused: (isPaused) => child.setOutputPaused(isPaused),
    };
  }
  if (start.kind === 'attach') return (await import('../attach/attach-run.ts')).startAttached(start, options);
  const port = start.kind === 'listen' ? start.port : undefined;
  const current = { config: probeConfig };
  const configure = (config: ProbeConfig): void => {
    current.config = config;
    endpoints.configure(stacks.configure(config));
  };
  const onReading = (): void => configure(current.config);
  const stacks = new RunPythonStacks({ runId, dist, probeConfig, onBatch: onMessage, onReading });
  const endpoints = await GuestEndpoints.open({
    ...observedBy(stacks, options),
    runSpanId: span.spanId,
    ...defined({ port }),
  });
  // The user asked for a receiver on this port, so its address must not depend on endpoints configured for this process.
  const endpointVariables = endpoints.environment(port === undefined ? environment : {});
  const guest = { runId, dist, probeConfig, endpoints: endpointVariables };
  if (start.kind === 'listen') {
    start.onEnvironment(guestEnvironment(guest, {}));
    return listenForPrograms(endpoints, stacks, configure);
  }
  // A collector that never receives our span would show the program's spans without their parent.
  const canSendSpan = collectorOf(environment, start.env) !== 'unreachable';
  const trace = canSendSpan ? traceEnvironment(span, environment) : {};
  const env = { ...guestEnvironment(guest, environment), ...trace, ...start.env };
  try {
    const child = new RunProcess({ launch: { ...spec, start }, runId, dist, env, onMessage, onOutput });
    stacks.watchTree(child.pid);
    return {
      child,
      ended: closeAfter(child.ended, endpoints, stacks),
      configure,
      setOutputPaused: (isPaused) => child.setOutputPaused(isPaused),
    };
  } catch (error) {
    await endpoints.close();
    throw error;
  }
}

/** Creates a run without a program. It ends when it is stopped; programs that report to it continue to run. */
function listenForPrograms(
  endpoints: GuestEndpoints,
  stacks: RunPythonStacks,
  configure: RunHandle['configure'],
): RunHandle {
  const { promise, resolve } = Promise.withResolvers<RunExit>();
  const stop = async (): Promise<void> => {
    resolve({ exitCode: 0, stderr: '', stopped: false });
    await promise;
  };
  return {
    child: { pid: undefined, stop, kill: () => undefined },
    ended: promise.finally(() => stacks.stop()).finally(() => endpoints.close()),
    configure,
  };
}

async function closeAfter(
  ended: Promise<RunExit>,
  endpoints: GuestEndpoints,
  stacks: RunPythonStacks,
): Promise<RunExit> {
  try {
    const exit = await ended;
    await Promise.all([endpoints.waitForGuests(), stacks.stop()]);
    return exit;
  } finally {
    await stacks.stop();
    await endpoints.close();
  }
}

/** Shows all messages of guests to the reader of stacks, which learns of Python processes from them. */
function observedBy(stacks: RunPythonStacks, options: StartOptions): StartOptions {
  const { onMessage, onLine } = options;
  const onObserved = (message: unknown): void => {
    stacks.observe(message);
    onMessage(message);
  };
  const onObservedLine = (message: unknown, line: string): void => {
    stacks.observe(message);
    onLine?.(message, line);
  };
  return { ...options, onMessage: onObserved, ...(onLine ? { onLine: onObservedLine } : {}) };
}
