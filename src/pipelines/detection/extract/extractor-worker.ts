/** Extractor thread: receives batches of files and sends the facts of each file as soon as they are extracted. */
import { parentPort, workerData } from 'node:worker_threads';
import { close, connect, nowNs } from '../../../probe/api/api.ts';
import type { Batch } from '../../../protocol/batch/batch.ts';
import { extractFile } from './extract-file.ts';
import type {
  ExtractionJob,
  ExtractionOutcome,
  ExtractorData,
  FromExtractor,
  ToExtractor,
} from './extractor-messages.ts';
import { ExtractionError } from './facts.ts';
import { languages } from './languages.ts';
import { getLanguage } from './parse-file.ts';

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

async function processFile(file: ExtractionJob): Promise<ExtractionOutcome> {
  try {
    const language = languages.find(({ id }) => id === file.language);
    if (!language) throw new Error(`Unknown language ${file.language}.`);
    return { extracted: extractFile(file.path, file.name, await getLanguage(language)) };
  } catch (error) {
    if (error instanceof ExtractionError) return { error: { type: error.code, message: error.message } };
    // Thrown by WebAssembly; the class `WebAssembly.RuntimeError` is missing in our type definitions.
    if (error instanceof Error && error.name === 'RuntimeError') {
      return { error: { type: 'wasm_fault', message: `The parser crashed (${error.message}). The file was skipped.` } };
    }
    throw error;
  }
}

async function end(): Promise<void> {
  await close();
  send({ type: 'ended' });
  parentPort?.close();
}
