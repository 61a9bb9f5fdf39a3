import { hasEnvironmentEntry } from '../../../process/proc-reader.ts';
import type { Batch, Hello } from '../../../protocol/batch/batch.ts';
import { protocolVersion } from '../../../protocol/batch/limits.ts';
import type { ProbeConfig } from '../../../protocol/control.ts';
import { runVariable } from '../../../protocol/environment-variables.ts';
import type { StacksRefusal } from '../../../protocol/python-stacks-message.ts';
import { isRecord, text, whole } from '../../../protocol/schema.ts';
import { explainRefusal } from './explain-refusal.ts';
import { PythonFinder } from './python-finder.ts';
import { PythonReader } from './start-python-stacks.ts';

export interface RunPythonStacksOptions {
  readonly runId: string;
  /** Folder of the built bundles. */
  readonly dist: string;
  readonly probeConfig: ProbeConfig;
  readonly onBatch: (batch: Batch) => void;
  /** Called when stacks are read for the first time. */
  readonly onReading: () => void;
}

const pythonRuntime = 'python ';
const otherSystemNotice =
  'Call stacks of Python programs are read on Linux only. Here, functions are counted and timed, and generators and packages belong to their callers.';

/** Reads the stacks of the Python processes of a run, from outside. */
export class RunPythonStacks {
  readonly #options: RunPythonStacksOptions;
  readonly #reader: PythonReader | undefined;
  readonly #finder: PythonFinder | undefined;
  #isStopped = false;
  #isReading = false;
  #hasNotice = false;

  constructor(options: RunPythonStacksOptions) {
    this.#options = options;
    if (process.platform !== 'linux') return;
    const { dist, probeConfig, onBatch } = options;
    const { workspace, projectRoot } = probeConfig;
    this.#reader = new PythonReader({
      dist,
      workspace,
      projectRoot,
      samplingNs: samplingOf(probeConfig),
      onBatch,
      onReading: () => this.#onReading(),
      onRefused: (pid, refusal) => this.#onRefused(pid, refusal),
    });
    const reader = this.#reader;
    this.#finder = new PythonFinder((pids) => reader.setProcesses(pids));
  }

  /** Reads the stacks of a process and its descendants, as far as they run Python. */
  watchTree(pid: number | undefined): void {
    if (pid !== undefined && !this.#isStopped) this.#finder?.watchTree(pid);
  }

  /** Looks for Python processes that are not descendants, among the guests that report to the run. */
  observe(message: unknown): void {
    if (!isRecord(message) || !isRecord(message['hello']) || this.#isStopped) return;
    const { pid, runtime } = message['hello'];
    if (!whole(pid) || !text(runtime) || !runtime.startsWith(pythonRuntime)) return;
    if (!this.#finder) this.#addNotice(pid, runtime, otherSystemNotice);
    // A guest may send any number. The mark shows that the process belongs to this run.
    else if (hasEnvironmentEntry(pid, `${runVariable}=${this.#options.runId}`)) this.#finder.add(pid);
  }

  /** Applies a configuration. Returns that for the guests, which says if their stacks are read. */
  configure(probeConfig: ProbeConfig): ProbeConfig {
    this.#reader?.setSampling(samplingOf(probeConfig));
    return this.#isReading && probeConfig.samplingNs > 0 ? { ...probeConfig, readsStacks: true } : probeConfig;
  }

  /** Resolves after the last batches. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#finder?.stop();
    await this.#reader?.stop();
  }

  #onReading(): void {
    if (this.#isReading || this.#isStopped) return;
    this.#isReading = true;
    this.#options.onReading();
  }

  #onRefused(pid: number, refusal: StacksRefusal): void {
    if (refusal.reason === 'forbidden' || refusal.reason === 'unknown version') {
      const { message } = explainRefusal(pid, refusal);
      this.#addNotice(pid, pythonRuntime.trim(), `Call stacks of a Python program are not read. ${message}`);
    }
  }

  /** Sends a notice once in a run, in a batch of a source of its own. */
  #addNotice(pid: number, runtime: string, notice: string): void {
    if (this.#hasNotice || this.#options.probeConfig.samplingNs === 0) return;
    this.#hasNotice = true;
    const common = { threadId: 0, name: 'python', wallStartMs: Date.now(), recordNs: 0, fromOutside: true as const };
    const hello: Hello = { pid, runtime, ...common };
    this.#options.onBatch({
      v: protocolVersion,
      source: `${pid}.0/notice`,
      sequence: 0,
      atNs: 0,
      hello,
      notices: [notice],
      cost: { events: 0, flushNs: 0 },
      bye: { reason: 'end' },
    });
  }
}

/** Returns the interval that a user has asked for, 0 if sampling is off, and otherwise undefined. */
function samplingOf({ samplingNs, hasFixedInterval }: ProbeConfig): number | undefined {
  return samplingNs === 0 || hasFixedInterval ? samplingNs : undefined;
}
