/**
 * Measures the cost of many active operations: 50 sources report 10,000 operations four times a second, to a host and to
 * a keeper that passes everything on to a host. `npm run soak` measures for longer.
 */
import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { readDescendants, readStat } from '../../src/process/proc-reader.ts';
import { createPipeline, createSession, createTemporaryFolder } from '../fixtures/pipeline.ts';
import { type Figure, goal } from './figure.ts';

const dist = resolve(import.meta.dirname, '../../dist');
const sender = join(import.meta.dirname, 'operation-sender.ts');
const [sources, operationsPerSource] = [50, 200];
const [watchedSeconds, pausedSeconds] = [8, 4];
const maxCpuPercent = 20;
const maxResumeMs = 200;

export interface OperationsOptions {
  /** Measures a keeper between the sources and the host. */
  readonly survivesHost: boolean;
  readonly watchedSeconds: number;
  readonly pausedSeconds: number;
}

interface MeasuredOperations {
  readonly hostPercent: number;
  /** Undefined without a keeper, and where the system does not tell. */
  readonly keeperPercent: number | undefined;
  readonly resumeMs: number;
  readonly exportMs: number;
  readonly operations: number;
  /** Calls that were sent but not recorded. */
  readonly lostCalls: number;
  readonly bytesPerSecond: number;
  readonly rssBytes: number;
}

export async function operations(): Promise<Figure[]> {
  const direct = await measureOperations({ survivesHost: false, watchedSeconds, pausedSeconds });
  const viaKeeper = await measureOperations({ survivesHost: true, watchedSeconds, pausedSeconds });
  const how = `${watchedSeconds + pausedSeconds} s, ${direct.operations} operations of ${sources} sources, ${(direct.bytesPerSecond / 1e6).toFixed(1)} MB/s, host memory ${(direct.rssBytes / 1e6).toFixed(0)} MB, export ${direct.exportMs.toFixed(0)} ms`;
  const figure = (name: string, value: number | undefined, unit: string, limit: number): Figure[] =>
    value === undefined
      ? []
      : [{ name: `10,000 active operations, ${name}`, value, unit, ...goal('≤', limit, value), how }];
  return [
    ...figure('host', direct.hostPercent, '% of a core', maxCpuPercent),
    ...figure('host after a keeper', viaKeeper.hostPercent, '% of a core', maxCpuPercent),
    ...figure('keeper', viaKeeper.keeperPercent, '% of a core', maxCpuPercent),
    ...figure('Resume after Pause', direct.resumeMs, 'ms', maxResumeMs),
    ...figure('calls not recorded', direct.lostCalls + viaKeeper.lostCalls, 'calls', 0),
  ];
}

export async function measureOperations(options: OperationsOptions): Promise<MeasuredOperations> {
  const { survivesHost } = options;
  const seconds = options.watchedSeconds + options.pausedSeconds;
  const temporary = createTemporaryFolder();
  const { session } = createSession(temporary.path, { dist, survivesHost });
  try {
    const environment = Promise.withResolvers<NodeJS.ProcessEnv>();
    const ended = session.launch({
      pipeline: { ...createPipeline('operations'), components: [] },
      workspace: temporary.path,
      start: { kind: 'listen', onEnvironment: environment.resolve },
    });
    const env = { ...process.env, ...(await environment.promise) };
    const keeperPid = survivesHost ? findChild() : undefined;
    const [startMs, hostBefore, keeperBefore] = [performance.now(), process.cpuUsage(), cpuNsOf(keeperPid)];
    const parameters = [sources, operationsPerSource, seconds].map(String);
    const sending = promisify(execFile)(process.execPath, [sender, ...parameters], { env });
    await sleep(options.watchedSeconds * 1000);
    session.pause();
    const sent = JSON.parse((await sending).stdout) as { readonly calls: number; readonly bytes: number };
    const used = process.cpuUsage(hostBefore);
    const elapsedMs = performance.now() - startMs;
    const keeperNs = cpuNsOf(keeperPid) - keeperBefore;
    const resumeMs = timeOf(() => session.resume());
    await session.stop();
    await ended;
    const exportMs = timeOf(() => session.exportSnapshot());
    const { operations } = session.exportSnapshot();
    return {
      hostPercent: ((used.user + used.system) / 1000 / elapsedMs) * 100,
      keeperPercent: keeperNs > 0 ? (keeperNs / 1e6 / elapsedMs) * 100 : undefined,
      resumeMs,
      exportMs,
      operations: operations.length,
      lostCalls: sent.calls - operations.reduce((sum, { count }) => sum + count, 0),
      bytesPerSecond: sent.bytes / seconds,
      rssBytes: process.memoryUsage.rss(),
    };
  } finally {
    session.dispose();
    temporary.done();
  }
}

function timeOf(action: () => unknown): number {
  const startMs = performance.now();
  action();
  return performance.now() - startMs;
}

/** Returns the only child process, which is the keeper. */
function findChild(): number | undefined {
  return process.platform === 'linux' ? readDescendants(process.pid)[1] : undefined;
}

function cpuNsOf(pid: number | undefined): number {
  const stat = pid === undefined ? undefined : readStat(pid);
  return stat ? stat.userNs + stat.systemNs : 0;
}
