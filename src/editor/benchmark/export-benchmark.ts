/** Exports the latest benchmark in a format that other tools read. */
import * as vscode from 'vscode';
import { type BenchFormat, benchFormats } from '../../core/export/bench-formats.ts';
import { HumanError } from '../../core/human-error.ts';
import { askSaveLocation, showSavedFile, writeFile } from '../commands/export-snapshot.ts';
import type { BenchmarkCommands } from './benchmark-commands.ts';
import { formatTimestamp } from './report-line.ts';

/**
 * Returns the file, or undefined if the user cancels.
 * @param options may contain `format` and `target`; the user is asked for whatever is missing
 */
export async function exportBenchmark(benchmark: BenchmarkCommands, options: unknown): Promise<vscode.Uri | undefined> {
  const output = benchmark.newest;
  const given: Partial<Record<'format' | 'target', unknown>> =
    typeof options === 'object' && options !== null ? options : {};
  const format = typeof given.format === 'string' ? findFormat(given.format) : await pickFormat();
  if (!format) return undefined;
  const { pipeline, at } = output.report;
  const safePipeline = pipeline.replace(/[^\w.-]+/g, '-').slice(0, 60);
  const name = `pipescope-bench-${safePipeline}-${formatTimestamp(at)}.${format.extension}`;
  const target = given.target instanceof vscode.Uri ? given.target : undefined;
  const uri = target ?? (await askSaveLocation('Export Benchmark', name, { [format.title]: [format.extension] }));
  if (!uri) return undefined;
  await writeFile(uri, format.write(output));
  void showSavedFile('Benchmark', uri);
  return uri;
}

function findFormat(id: string): BenchFormat {
  const format = benchFormats.find((candidate) => candidate.id === id);
  if (format) return format;
  const ids = benchFormats.map((candidate) => candidate.id).join(', ');
  throw new HumanError(`Unknown format “${id}”. Available formats: ${ids}.`);
}

async function pickFormat(): Promise<BenchFormat | undefined> {
  const picked = await vscode.window.showQuickPick(
    benchFormats.map((format) => ({ label: format.id, detail: format.title, format })),
    { title: 'Export Benchmark', placeHolder: 'Select a format', matchOnDetail: true },
  );
  return picked?.format;
}
