/** Writes the newest benchmark to a file in one of the formats that other tools read. */
import * as vscode from 'vscode';
import { type BenchFormat, benchFormats } from '../../core/export/bench-formats.ts';
import { HumanError } from '../../core/human-error.ts';
import { askFile, offerFile } from '../commands/export-snapshot.ts';
import type { Benchmark } from './benchmark-commands.ts';
import { stamp } from './report-line.ts';

/**
 * Resolves with where it went; with `undefined` when a choice was given up.
 * @param wanted `format` and `target`, where they are not to be asked for
 */
export async function exportBenchmark(benchmark: Benchmark, wanted: unknown): Promise<vscode.Uri | undefined> {
  const benched = benchmark.newest;
  const named: Partial<Record<'format' | 'target', unknown>> =
    typeof wanted === 'object' && wanted !== null ? wanted : {};
  const format = typeof named.format === 'string' ? formatOf(named.format) : await pickFormat();
  if (!format) return undefined;
  const { pipeline, at } = benched.report;
  const name = `pipescope-bench-${pipeline.replace(/[^\w.-]+/g, '-').slice(0, 60)}-${stamp(at)}.${format.extension}`;
  const target = named.target instanceof vscode.Uri ? named.target : undefined;
  const uri = target ?? (await askFile('Export Benchmark', name, { [format.title]: [format.extension] }));
  if (!uri) return undefined;
  await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(format.write(benched)));
  void offerFile('The benchmark', uri);
  return uri;
}

function formatOf(id: string): BenchFormat {
  const found = benchFormats.find((format) => format.id === id);
  if (found) return found;
  const names = benchFormats.map((format) => format.id).join(', ');
  throw new HumanError(`There is no format “${id}”. There are: ${names}.`);
}

async function pickFormat(): Promise<BenchFormat | undefined> {
  const picked = await vscode.window.showQuickPick(
    benchFormats.map((format) => ({ label: format.id, detail: format.title, format })),
    { title: 'Export Benchmark', placeHolder: 'Format', matchOnDetail: true },
  );
  return picked?.format;
}
