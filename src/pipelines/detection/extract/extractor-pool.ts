/** Distributes files over extractor threads. If a thread crashes, only the file that it was processing is lost. */
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { forward, gauge, measured, nowNs } from '../../../probe/api/api.ts';
import type { Batch } from '../../../protocol/batch/batch.ts';
import type {
  ExtractionJob,
  ExtractionOutcome,
  ExtractorData,
  FromExtractor,
  ToExtractor,
} from './extractor-messages.ts';
import { decodeFacts } from './facts/encode-facts.ts';

/** A batch is complete once it reaches this total size or `maxBatchFiles`. */
const minBatchBytes = 256_000;
const maxBatchFiles = 64;
/** A thread that sends no message for this long is considered hung. The limit for a single file is two seconds. */
const maxSilenceMs = 30_000;
/** Number of threads that may crash in a row without a result before the run fails. */
const maxCrashesInRow = 3;
const maxWorkers = Math.max(1, Math.min(4, availableParallelism() - 1));

/** The bundle, or the source file if the pipeline runs without a build. */
const module = new URL(import.meta.url.endsWith('.ts') ? './extractor-worker.ts' : './extractor.js', import.meta.url);

export interface ExtractorPoolOptions {
  /** Set to 1 to stop the run. */
  readonly stop: Int32Array<SharedArrayBuffer>;
  readonly onFile: (file: ExtractionJob, outcome: ExtractionOutcome) => void;
}

/**
 * Extracts all files and resolves when the last thread has exited. Files that were not processed because of a stop are
 * not reported. Rejects if several threads crash in a row.
 */
export async function extractAll(
  files: readonly ExtractionJob[],
  { stop, onFile }: ExtractorPoolOptions,
): Promise<void> {
  const batches = createBatches(files);
  const workers = Math.min(maxWorkers, batches.length);
  const startNs = nowNs();
  let busyNs = 0;
  gauge('workers', workers, { component: 'concurrent_extractor' });
  const runWorker = async (): Promise<void> => {
    let extractor: Extractor | undefined;
    let crashes = 0;
    for (let batch = batches.shift(); batch && Atomics.load(stop, 0) === 0; batch = batches.shift()) {
      extractor ??= new Extractor({ stop });
      const result = await extractBatch(extractor, batch, onFile);
      busyNs += result.busyNs;
      gauge('batch_efficiency', busyNs / (workers * (nowNs() - startNs)), {
        component: 'concurrent_extractor',
        unit: 'ratio',
      });
      if (!result.hasCrashed) continue;
      crashes = result.hasProgress ? 1 : crashes + 1;
      if (crashes >= maxCrashesInRow) throw new Error(`The extractor threads crashed repeatedly: ${extractor.failure}`);
      extractor = undefined;
      if (result.remaining.length > 0) batches.unshift(result.remaining);
    }
    await extractor?.end();
  };
  await Promise.all(Array.from({ length: workers }, runWorker));
}

/** Creates batches, starting with the largest files so that none of them is processed last. */
export function createBatches(files: readonly ExtractionJob[]): ExtractionJob[][] {
  const batches: ExtractionJob[][] = [];
  let batch: ExtractionJob[] = [];
  let bytes = 0;
  for (const file of files.toSorted((a, b) => b.sizeBytes - a.sizeBytes)) {
    batch.push(file);
    bytes += file.sizeBytes;
    if (bytes < minBatchBytes && batch.length < maxBatchFiles) continue;
    batches.push(batch);
    batch = [];
    bytes = 0;
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}

interface BatchResult {
  readonly busyNs: number;
  /** True if the thread has exited. */
  readonly hasCrashed: boolean;
  /** True if at least one file was reported. */
  readonly hasProgress: boolean;
  /** Files of the batch that were not processed. */
  readonly remaining: ExtractionJob[];
}

const extractBatch = measured(
  'concurrent_extractor',
  'extract_batch',
  (extractor: Extractor, batch: ExtractionJob[], onFile: ExtractorPoolOptions['onFile']): Promise<BatchResult> =>
    extractor.run(batch, onFile),
);

const decoder = new TextDecoder();

function receive(outcome: Extract<FromExtractor, { type: 'file' }>['outcome']): ExtractionOutcome {
  if ('error' in outcome) return outcome;
  return { extracted: { ...outcome.sent, facts: decodeFacts(decoder.decode(outcome.sent.factsJson)) } };
}

/** Main thread's side of one extractor thread. */
class Extractor {
  readonly #worker: Worker;
  readonly #exit: Promise<unknown>;
  #hasExited = false;
  /** Reason why the thread has exited. */
  failure = 'it exited unexpectedly';

  constructor(data: ExtractorData) {
    this.#worker = new Worker(module, { workerData: data });
    this.#worker.on('error', (error) => {
      this.failure = error instanceof Error ? error.message : String(error);
    });
    this.#worker.on('message', (message: FromExtractor) => {
      if (message.type === 'probe') forward(message.batch satisfies Batch);
    });
    this.#exit = once(this.#worker, 'exit').then(() => {
      this.#hasExited = true;
    });
  }

  /** Resolves when the batch is complete or the thread has exited. Reports an error for the file that caused a crash. */
  run(batch: ExtractionJob[], onFile: ExtractorPoolOptions['onFile']): Promise<BatchResult> {
    const pending = new Map(batch.map((file) => [file.name, file]));
    const startNs = nowNs();
    if (this.#hasExited) {
      return Promise.resolve({ busyNs: 0, hasCrashed: true, hasProgress: false, remaining: batch });
    }
    return new Promise((resolve) => {
      const silenceTimer = setTimeout(() => {
        this.failure = `it did not respond for ${maxSilenceMs / 1000} s`;
        void this.#worker.terminate();
      }, maxSilenceMs);
      const finish = (result: BatchResult): void => {
        clearTimeout(silenceTimer);
        this.#worker.off('message', onMessage);
        this.#worker.off('exit', onExit);
        resolve(result);
      };
      const onMessage = (message: FromExtractor): void => {
        if (message.type === 'done') {
          finish({ busyNs: message.busyNs, hasCrashed: false, hasProgress: true, remaining: [] });
        }
        if (message.type !== 'file') return;
        silenceTimer.refresh();
        const file = pending.get(message.name);
        if (!file) return;
        pending.delete(message.name);
        onFile(file, receive(message.outcome));
        if ('error' in message.outcome && message.outcome.error.type === 'wasm_fault') this.failure = 'wasm_fault';
      };
      const onExit = (): void => {
        const [current, ...others] = pending.values();
        // After a WebAssembly fault, the thread has already reported the file and exits before the next one.
        const isReported = this.failure === 'wasm_fault';
        if (current && !isReported) {
          const message = `The thread that processed the file crashed (${this.failure}). The file was skipped.`;
          onFile(current, { error: { type: 'worker_died', message } });
        }
        finish({
          busyNs: nowNs() - startNs,
          hasCrashed: true,
          hasProgress: pending.size < batch.length,
          remaining: isReported && current ? [current, ...others] : others,
        });
      };
      this.#worker.on('message', onMessage);
      this.#worker.once('exit', onExit);
      this.#send({ type: 'batch', files: batch });
    });
  }

  /** Lets the thread send its remaining measurements and exit. */
  async end(): Promise<void> {
    this.#send({ type: 'end' });
    await this.#exit;
  }

  #send(message: ToExtractor): void {
    this.#worker.postMessage(message);
  }
}
