/** Extracts the facts of a source in this process. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { extractFile } from '../../../../src/pipelines/detection/extract/extract-file.ts';
import type { Facts } from '../../../../src/pipelines/detection/extract/facts.ts';
import { languageOf } from '../../../../src/pipelines/detection/extract/languages.ts';
import { getLanguage } from '../../../../src/pipelines/detection/extract/parse-file.ts';

/** @param file name that selects the language */
export async function extractSource(file: string, source: string | Buffer): Promise<Facts> {
  const language = languageOf(file);
  if (!language) throw new Error(`${file} has no language.`);
  const folder = mkdtempSync(join(tmpdir(), 'pipescope-source-'));
  try {
    writeFileSync(join(folder, file), source);
    return (await extractFile(join(folder, file), file, await getLanguage(language))).facts;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
