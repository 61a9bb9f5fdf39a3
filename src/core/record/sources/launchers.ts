import type { Batch, Hello } from '../../../protocol/batch/batch.ts';
import { SourceTotals } from '../../../protocol/batch/source-totals.ts';
import type { RecordedSource } from './recorded-source.ts';

/** Part of a batch that is to be recorded, and work that was held back before and is to be recorded first. */
interface CountedParts {
  readonly batch: Batch;
  readonly released?: Batch | undefined;
}

/** A process that may only start the program: as long as it is not known, its work is held back. */
interface Candidate {
  readonly totals: SourceTotals;
  sampledNs: number;
}

/**
 * Tells the processes that only start the program, such as npm, from the program. A process does if its probe names the tool and
 * if another process of the run descends from it. Without such a process, the tool itself is what the user has started.
 */
export class Launchers {
  readonly #processes = new Map<number, Hello>();
  readonly #launcherPids = new Set<number>();
  readonly #candidates = new Map<RecordedSource, Candidate>();
  readonly #cpuTimes = new Map<number, { readonly cpuNs: number; readonly takenNs: number }>();

  /** Returns true if the time of a source does not count as that of the program, or may not. */
  isHeldBack(source: RecordedSource): boolean {
    return this.#candidates.has(source) || this.isLauncher(source);
  }

  /** Returns true if the source is a thread of a process that has started others. */
  isLauncher({ hello }: RecordedSource): boolean {
    return hello?.launcher !== undefined && this.#launcherPids.has(hello.pid);
  }

  /** Returns the CPU time that these processes have reported since the previous call. */
  takeCpuNs(): number {
    let sumNs = 0;
    for (const [pid, { cpuNs, takenNs }] of this.#cpuTimes) {
      sumNs += Math.max(0, cpuNs - takenNs);
      this.#cpuTimes.set(pid, { cpuNs, takenNs: cpuNs });
    }
    return sumNs;
  }

  /** Returns the part of a batch that counts now. */
  filter(batch: Batch, source: RecordedSource): CountedParts {
    if (batch.hello) this.#addProcess(batch.hello, source);
    const candidate = this.#candidates.get(source);
    if (!candidate && !this.isLauncher(source)) return { batch };
    const sampledNs = sampledNsOf(batch);
    const { hello } = source;
    if (hello && batch.resources) {
      const { takenNs = 0 } = this.#cpuTimes.get(hello.pid) ?? {};
      this.#cpuTimes.set(hello.pid, { cpuNs: batch.resources.cpuNs, takenNs });
    }
    if (!candidate) {
      source.isLauncher = true;
      source.sampledNs = (source.sampledNs ?? 0) + sampledNs;
      return { batch: withoutWork(batch) };
    }
    candidate.totals.add(batch);
    candidate.sampledNs += sampledNs;
    return { batch: withoutWork(batch), released: batch.bye && this.#release(source, candidate) };
  }

  /** Returns the work of all processes that turned out to be the program, at the end of the run. */
  releaseAll(): readonly (readonly [RecordedSource, Batch])[] {
    return [...this.#candidates].flatMap(([source, candidate]) => {
      const released = this.#release(source, candidate);
      return released ? [[source, released] as const] : [];
    });
  }

  #release(source: RecordedSource, candidate: Candidate): Batch | undefined {
    this.#candidates.delete(source);
    const released = candidate.totals.toBatch();
    candidate.totals.release();
    return released;
  }

  #addProcess(hello: Hello, source: RecordedSource): void {
    if (!this.#processes.has(hello.pid) && this.#processes.size >= maxProcesses) return;
    this.#processes.set(hello.pid, hello);
    if (hello.launcher !== undefined && !this.isLauncher(source) && source.calls === 0) {
      this.#candidates.set(source, { totals: new SourceTotals(), sampledNs: 0 });
    }
    for (const [other, { totals, sampledNs }] of this.#candidates) {
      const launcher = other.hello;
      if (!launcher || ![...this.#processes.values()].some((started) => this.#descends(started, launcher))) continue;
      this.#launcherPids.add(launcher.pid);
      other.isLauncher = true;
      other.sampledNs = (other.sampledNs ?? 0) + sampledNs;
      this.#candidates.delete(other);
      totals.release();
    }
  }

  /** Follows the parents as far as they are known. A process between, such as a shell, reports nothing. */
  #descends(started: Hello, launcher: Hello): boolean {
    if (started.pid === launcher.pid) return false;
    const passed = new Set<number>();
    for (let hello: Hello | undefined = started; hello && !passed.has(hello.pid); ) {
      passed.add(hello.pid);
      if (hello.ppid === launcher.pid) return true;
      const parent: Hello | undefined = hello.ppid === undefined ? undefined : this.#processes.get(hello.ppid);
      if (!parent) return hello.wallStartMs >= launcher.wallStartMs;
      hello = parent;
    }
    return false;
  }
}

/** Maximum number of processes that are remembered. */
const maxProcesses = 10_000;

/** Returns the CPU time of the samples of a batch. */
function sampledNsOf({ stackSamples = [], samples = [] }: Batch): number {
  return (
    stackSamples.reduce((sum, [, , cpuNs]) => sum + cpuNs, 0) + samples.reduce((sum, { selfNs }) => sum + selfNs, 0)
  );
}

/** Returns what a batch reports about its process: who it is, what it uses and costs, and when it ends. */
function withoutWork({ v, source, sequence, atNs, cost, hello, notices, resources, bye }: Batch): Batch {
  return {
    ...{ v, source, sequence, atNs, cost },
    ...(hello ? { hello } : {}),
    ...(notices ? { notices } : {}),
    ...(resources ? { resources } : {}),
    ...(bye ? { bye } : {}),
  };
}
