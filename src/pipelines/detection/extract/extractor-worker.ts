/** Extractor thread: receives batches of files and sends the facts of each file as soon as they are extracted. */
import { parentPort, workerData } from 'node:worker_threads';
import { close, connect, nowNs } from '../../../probe/api/api.ts';
import type { Batch } from '../../../protocol/batch/batch.ts';
import type { ExtractionJob, ExtractorData, FromExtractor, ToExtractor } from './extractor-messages.ts';
import { processFile } from './process-file.ts';

const { stop } = workerData as ExtractorData;
const send = (message: FromExtractor): void => parentPort?.postMessage(message);

connect({
  pressure: () => 'none',
  send: (batch: Batch) => {
    send({ type: 'probe', batch });
    return true;
  },
  whenDrained: () => Promise.resolve(),
  close: () => {},
});

parentPort?.on('message', (message: ToExtractor) => {
  void (message.type === 'end' ? end() : processBatch(message.files));
});

async function processBatch(files: readonly ExtractionJob[]): Promise<void> {
  const startNs = nowNs();
  for (const file of files) {
    if (Atomics.load(stop, 0) === 1) break;
    const outcome = await processFile(file);
    send({ type: 'file', name: file.name, outcome });
    if ('error' in outcome && outcome.error.type === 'wasm_fault') {
      // The memory of WebAssembly may be corrupt after a fault, so a new thread must process the other files.
      await end();
      return;
    }
  }
  send({ type: 'done', busyNs: nowNs() - startNs });
}

async function end(): Promise<void> {
  await close();
  send({ type: 'ended' });
  parentPort?.close();
}
