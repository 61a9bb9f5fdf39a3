/** One run of the pipeline from the list of files to the result. */
import { nowNs } from '../../probe/api/api.ts';
import { Breadcrumbs, type Index, indexWorkspace, surroundingsOf, tellKept } from './breadcrumbs.ts';
import { type Answer, loadAnswer, type Summary, saveAnswer } from './cached-result.ts';
import type { Options } from './detection-options.ts';
import { extract, isLasting } from './extract/extraction.ts';
import type { FileError } from './extract/facts.ts';
import { filterFiles, listFiles } from './files/discover-files.ts';
import {
  changesOf,
  type Entry,
  type Found,
  type Kept,
  loadFacts,
  saveFacts,
  statFiles,
  tellChanges,
} from './files/incremental.ts';
import { errorLine, linesOf, writeResult } from './write-result.ts';

/** Returns one sentence on what was done. Once `stop` is 1, what is known so far is written. */
export async function detect(options: Options, stop: Int32Array<SharedArrayBuffer>): Promise<string> {
  const startNs = nowNs();
  const { workspace } = options;
  const cache = options.cold ? undefined : options.cache;
  const names = await listFiles(workspace);
  const found = statFiles(workspace, filterFiles(names));
  const surroundings = surroundingsOf(workspace, names);
  const answer =
    cache && found.length > 0 && options.changed === 0 ? loadAnswer(cache, workspace, found, surroundings) : undefined;
  const told = answer
    ? await repeat(answer, found.length, options)
    : await workOut(options, { names, found, surroundings }, stop);
  return [...told.slice(0, 1), `${((nowNs() - startNs) / 1e9).toFixed(2)} s`, ...told.slice(1)].join('; ');
}

/** Nothing has changed: says what the last run said. */
async function repeat({ summary, result }: Answer, files: number, options: Options): Promise<string[]> {
  tellChanges(files, 0, true);
  tellKept(files, summary.tiers);
  if (options.result !== undefined) await writeResult(options.result, [result]);
  return sentences(summary, { files, read: 0 });
}

interface Seen {
  readonly names: readonly string[];
  readonly found: readonly Found[];
  readonly surroundings: string;
}

async function workOut(options: Options, seen: Seen, stop: Int32Array<SharedArrayBuffer>): Promise<string[]> {
  const { workspace, cache } = options;
  const { names, found, surroundings } = seen;
  const kept = cache && !options.cold ? loadFacts(cache, workspace) : nothingKept;
  const { unchanged, changed, stale } = changesOf(workspace, found, without(kept, found, options.changed));
  const extracted = await extract(workspace, changed, stop);
  const entries = [...unchanged, ...extracted].sort((a, b) => (a.name < b.name ? -1 : 1));
  const lasting = entries.filter(isLasting);
  if (cache && (stale || changed.length > 0)) saveFacts(cache, workspace, lasting);
  const missing = changed.length - extracted.length;
  const stopped = missing > 0 ? stoppedError(missing, found.length) : undefined;
  const totals: Totals = { calls: 0, faults: 0, tiers: {} };
  const pieces = [...linesOfAll(entries, indexWorkspace(entries, workspace, names), totals, stopped)];
  if (options.result !== undefined) await writeResult(options.result, pieces);
  if (cache && lasting.length === found.length) {
    saveAnswer(cache, workspace, found, surroundings, { summary: totals, result: Buffer.concat(pieces) });
  }
  return [
    ...sentences(totals, { files: entries.length, read: extracted.length }),
    ...(kept.discarded ? [`what was kept from earlier runs is not used: ${kept.discarded}`] : []),
    ...(stopped ? [stopped.message] : []),
    ...(found.length === 0 ? ['no source files were found'] : []),
  ];
}

function sentences({ calls, faults }: Summary, { files, read }: { files: number; read: number }): string[] {
  return [
    `${calls} calls in ${files} files (${read} read, ${files - read} unchanged)`,
    ...(faults > 0 ? [`${faults} files with errors`] : []),
  ];
}

/** As if some files were not known yet: those around the middle by size, which stand for an ordinary change. */
function without(kept: Kept, found: readonly Found[], files: number): Kept {
  if (files === 0) return kept;
  const bySize = found.toSorted((a, b) => a.stat.size - b.stat.size);
  const first = Math.max(0, Math.floor((bySize.length - files) / 2));
  const names = new Set(bySize.slice(first, first + files).map(({ name }) => name));
  return { ...kept, entries: new Map([...kept.entries].filter(([name]) => !names.has(name))) };
}

const nothingKept: Kept = { entries: new Map(), savedAtMs: 0 };

function stoppedError(missing: number, all: number): FileError {
  return { type: 'stopped', message: `The run was stopped: ${missing} of ${all} files were not read.` };
}

/** Least size of a piece of the result. */
const chunkBytes = 500_000;

type Totals = { -readonly [K in keyof Summary]: Summary[K] };

/** The result in large pieces; calls are resolved on the way. */
function* linesOfAll(
  entries: readonly Entry[],
  index: Index,
  totals: Totals,
  stopped: FileError | undefined,
): Generator<Buffer> {
  const breadcrumbs = new Breadcrumbs(index);
  let pieces: Buffer[] = [];
  let bytes = 0;
  const add = (text: string): void => {
    // Encoded at once: thousands of lines that are only chained to each other cost the collector more than the bytes.
    const piece = Buffer.from(text);
    pieces.push(piece);
    bytes += piece.length;
  };
  for (const { name, error, facts } of entries) {
    const fault = error ?? syntaxErrorOf(facts?.syntaxError);
    if (fault) totals.faults++;
    const unit = index.units.get(name);
    const resolutions = unit ? breadcrumbs.resolveFile(unit) : [];
    totals.calls += resolutions.length;
    if (fault) add(errorLine(name, fault));
    if (unit) add(linesOf(unit, resolutions));
    if (bytes < chunkBytes) continue;
    yield Buffer.concat(pieces);
    pieces = [];
    bytes = 0;
    // Between chunks the event loop turns: what was counted so far can be sent.
    breadcrumbs.report();
  }
  breadcrumbs.report();
  totals.tiers = Object.fromEntries(breadcrumbs.tiers);
  if (stopped) add(errorLine('.', stopped));
  yield Buffer.concat(pieces);
}

function syntaxErrorOf(message: string | undefined): FileError | undefined {
  return message === undefined ? undefined : { type: 'syntax_error', message };
}
