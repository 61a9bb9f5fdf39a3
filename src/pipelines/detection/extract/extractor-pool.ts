/** Spreads files over extractor threads: batches of even size, the largest first; a lost thread costs its current file. */
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { forward, gauge, measured, nowNs } from '../../../probe/api/api.ts';
import type { Batch } from '../../../protocol/event.ts';
import type { ExtractorData, FromExtractor, Outcome, ToExtractor, Work } from './extractor-messages.ts';

/** A batch ends with the file that reaches one of these. */
const batchBytes = 256_000;
const batchFiles = 64;
/** A thread that says nothing for so long hangs; a file has its own limit of two seconds. */
const silenceMs = 30_000;

/** Threads lost one after the other without an answer before the run is given up. */
const losses = 3;

const mostWorkers = Math.max(1, Math.min(4, availableParallelism() - 1));

/** Beside the bundle, or the source where it is run as it is. */
const module = new URL(import.meta.url.endsWith('.ts') ? './extractor-worker.ts' : './extractor.js', import.meta.url);

export interface PoolOptions {
  readonly stop: Int32Array<SharedArrayBuffer>;
  readonly onFile: (file: Work, outcome: Outcome) => void;
}

/** Extracts all files; resolves when the last thread has ended. Files not reached because of a stop are not reported. */
export async function extractAll(files: readonly Work[], { stop, onFile }: PoolOptions): Promise<void> {
  const batches = batchesOf(files);
  const lanes = Math.min(mostWorkers, batches.length);
  const startNs = nowNs();
  let busyNs = 0;
  gauge('workers', lanes, { component: 'concurrent_extractor' });
  const lane = async (): Promise<void> => {
    let extractor: Extractor | undefined;
    let lost = 0;
    for (let batch = batches.shift(); batch && Atomics.load(stop, 0) === 0; batch = batches.shift()) {
      extractor ??= new Extractor({ stop });
      const done = await extractBatch(extractor, batch, onFile);
      busyNs += done.busyNs;
      gauge('batch_efficiency', busyNs / (lanes * (nowNs() - startNs)), {
        component: 'concurrent_extractor',
        unit: 'ratio',
      });
      if (!done.lost) continue;
      lost = done.answered ? 1 : lost + 1;
      if (lost >= losses) throw new Error(`The extractor threads do not work: ${extractor.failure}.`);
      extractor = undefined;
      if (done.rest.length > 0) batches.unshift(done.rest);
    }
    await extractor?.end();
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

/** Largest first, so that no large file is left for the end. */
export function batchesOf(files: readonly Work[]): Work[][] {
  const batches: Work[][] = [];
  let batch: Work[] = [];
  let bytes = 0;
  for (const file of files.toSorted((a, b) => b.sizeBytes - a.sizeBytes)) {
    batch.push(file);
    bytes += file.sizeBytes;
    if (bytes < batchBytes && batch.length < batchFiles) continue;
    batches.push(batch);
    batch = [];
    bytes = 0;
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}

interface Done {
  readonly busyNs: number;
  /** The thread is gone. */
  readonly lost: boolean;
  /** It said something about at least one file. */
  readonly answered: boolean;
  /** Files of the batch that nobody has looked at. */
  readonly rest: Work[];
}

const extractBatch = measured(
  'concurrent_extractor',
  'extract_batch',
  (extractor: Extractor, batch: Work[], onFile: PoolOptions['onFile']): Promise<Done> => extractor.run(batch, onFile),
);

/** One thread. */
class Extractor {
  readonly #worker: Worker;
  readonly #exit: Promise<unknown>;
  #gone = false;
  failure = 'it ended by itself';

  constructor(data: ExtractorData) {
    this.#worker = new Worker(module, { workerData: data });
    this.#worker.on('error', (error) => {
      this.failure = error instanceof Error ? error.message : String(error);
    });
    this.#worker.on('message', (message: FromExtractor) => {
      if (message.type === 'probe') forward(message.batch satisfies Batch);
    });
    this.#exit = once(this.#worker, 'exit').then(() => {
      this.#gone = true;
    });
  }

  /** Resolves when the batch is through or the thread is gone; a file that it was lost on is reported as such. */
  run(batch: Work[], onFile: PoolOptions['onFile']): Promise<Done> {
    const waiting = new Map(batch.map((file) => [file.name, file]));
    const startNs = nowNs();
    if (this.#gone) return Promise.resolve({ busyNs: 0, lost: true, answered: false, rest: batch });
    return new Promise((resolve) => {
      const silence = setTimeout(() => {
        this.failure = `it said nothing for ${silenceMs / 1000} s`;
        void this.#worker.terminate();
      }, silenceMs);
      const finish = (done: Done): void => {
        clearTimeout(silence);
        this.#worker.off('message', listen);
        this.#worker.off('exit', leave);
        resolve(done);
      };
      const listen = (message: FromExtractor): void => {
        if (message.type === 'done') finish({ busyNs: message.busyNs, lost: false, answered: true, rest: [] });
        if (message.type !== 'file') return;
        silence.refresh();
        const file = waiting.get(message.name);
        if (!file) return;
        waiting.delete(message.name);
        onFile(file, message.outcome);
        if ('error' in message.outcome && message.outcome.error.type === 'wasm_fault') this.failure = 'wasm_fault';
      };
      const leave = (): void => {
        const [current, ...rest] = waiting.values();
        const reported = this.failure === 'wasm_fault';
        if (current && !reported) {
          const message = `The thread that worked on it was lost (${this.failure}); the file is left out.`;
          onFile(current, { error: { type: 'worker_died', message } });
        }
        const answered = waiting.size < batch.length;
        finish({
          busyNs: nowNs() - startNs,
          lost: true,
          answered,
          rest: reported && current ? [current, ...rest] : rest,
        });
      };
      this.#worker.on('message', listen);
      this.#worker.once('exit', leave);
      this.#tell({ type: 'batch', files: batch });
    });
  }

  /** Lets the thread send what it has counted and end. */
  async end(): Promise<void> {
    this.#tell({ type: 'end' });
    await this.#exit;
  }

  #tell(message: ToExtractor): void {
    this.#worker.postMessage(message);
  }
}
