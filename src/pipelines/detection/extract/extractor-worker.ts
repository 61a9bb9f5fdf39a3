/** An extractor thread: takes batches of files, answers with the facts of each file as soon as it has them. */
import { parentPort, workerData } from 'node:worker_threads';
import { close, connect, nowNs } from '../../../probe/api/api.ts';
import type { Batch } from '../../../protocol/event.ts';
import { extractFile } from './extract-file.ts';
import type { ExtractorData, FromExtractor, Outcome, ToExtractor, Work } from './extractor-messages.ts';
import { FileFault } from './facts.ts';
import { languages } from './languages.ts';
import { grammarOf } from './parse-file.ts';

const { stop } = workerData as ExtractorData;
const tell = (message: FromExtractor): void => parentPort?.postMessage(message);

connect({
  pressure: () => 'none',
  send: (batch: Batch) => {
    tell({ type: 'probe', batch });
    return true;
  },
  drained: () => Promise.resolve(),
  close: () => {},
});

parentPort?.on('message', (message: ToExtractor) => {
  void (message.type === 'end' ? end() : work(message.files));
});

async function work(files: readonly Work[]): Promise<void> {
  const startNs = nowNs();
  for (const file of files) {
    if (Atomics.load(stop, 0) === 1) break;
    const outcome = await outcomeOf(file);
    tell({ type: 'file', name: file.name, outcome });
    if ('error' in outcome && outcome.error.type === 'wasm_fault') {
      // What WebAssembly holds cannot be trusted after a fault: this thread ends, another one goes on.
      await end();
      return;
    }
  }
  tell({ type: 'done', busyNs: nowNs() - startNs });
}

async function outcomeOf(file: Work): Promise<Outcome> {
  try {
    const language = languages.find(({ id }) => id === file.language);
    if (!language) throw new Error(`No language is named ${file.language}.`);
    return { extracted: extractFile(file.path, file.name, await grammarOf(language)) };
  } catch (error) {
    if (error instanceof FileFault) return { error: { type: error.code, message: error.message } };
    // What WebAssembly throws; its class is not known to the compiler here.
    if (error instanceof Error && error.name === 'RuntimeError') {
      return { error: { type: 'wasm_fault', message: `The parser failed on it (${error.message}); it is left out.` } };
    }
    throw error;
  }
}

async function end(): Promise<void> {
  await close();
  tell({ type: 'ended' });
  parentPort?.close();
}
