/** Extracts the facts of one file and turns its errors into an outcome. */
import { extractFile } from './extract-file.ts';
import type { ExtractionJob, ExtractionOutcome } from './extractor-messages.ts';
import { ExtractionError } from './facts.ts';
import { languages } from './languages.ts';
import { getLanguage } from './parse-file.ts';

export async function processFile(file: ExtractionJob): Promise<ExtractionOutcome> {
  try {
    const language = languages.find(({ id }) => id === file.language);
    if (!language) throw new Error(`Unknown language ${file.language}.`);
    return { extracted: await extractFile(file.path, file.name, await getLanguage(language)) };
  } catch (error) {
    if (error instanceof ExtractionError) return { error: { type: error.code, message: error.message } };
    // Thrown by WebAssembly; the class `WebAssembly.RuntimeError` is missing in our type definitions.
    if (error instanceof Error && error.name === 'RuntimeError') {
      return { error: { type: 'wasm_fault', message: `The parser crashed (${error.message}). The file was skipped.` } };
    }
    throw error;
  }
}
