/** Extractor thread: receives batches of files and sends the facts of each file as soon as they are extracted. */
import { parentPort, workerData } from 'node:worker_threads';
import { close, connect, nowNs } from '../../../probe/api/api.ts';
import type { Batch } from '../../../protocol/batch/batch.ts';
import type {
  ExtractionJob,
  ExtractionOutcome,
  ExtractorData,
  FromExtractor,
  ToExtractor,
} from './extractor-messages.ts';
import { encodeFacts } from './facts/encode-facts.ts';
import { processFile } from './process-file.ts';

const { stop } = workerData as ExtractorData;
const encoder = new TextEncoder();
const send = (message: FromExtractor, transfer: readonly ArrayBuffer[] = []): void =>
  parentPort?.postMessage(message, transfer);

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
    sendOutcome(file.name, outcome);
    if ('error' in outcome && outcome.error.type === 'wasm_fault') {
      // The memory of WebAssembly may be corrupt after a fault, so a new thread must process the other files.
      await end();
      return;
    }
  }
  send({ type: 'done', busyNs: nowNs() - startNs });
}

function sendOutcome(name: string, outcome: ExtractionOutcome): void {
  if ('error' in outcome) {
    send({ type: 'file', name, outcome });
    return;
  }
  const { sha256, interfaceHash, facts } = outcome.extracted;
  const factsJson = encoder.encode(encodeFacts(facts));
  send({ type: 'file', name, outcome: { sent: { sha256, interfaceHash, factsJson } } }, [factsJson.buffer]);
}

async function end(): Promise<void> {
  await close();
  send({ type: 'ended' });
  parentPort?.close();
}
