/** Formats a snapshot for the terminal: a table of its components, one line of progress, and a summary. */
import { hottestTable, selectHottest } from '../../../core/export/hottest-operations.ts';
import * as format from '../../../core/format.ts';
import { plural } from '../../../protocol/plural.ts';
import type { ComponentState, Health, Light, Snapshot } from '../../../protocol/snapshot.ts';

export interface TableLine {
  readonly text: string;
  /** Determines the color of the start of the line. */
  readonly light?: Light;
}

/** Width of the icon and the label at the start of a component's line. */
export const lightWidth = 9;
/** Number of functions in a summary. */
const maxSummaryRows = 10;
/** Number of functions in a line of progress. */
const maxProgressFunctions = 3;

export const lights: Readonly<Record<Light, { readonly icon: string; readonly colorCode: number }>> = {
  ok: { icon: '✔', colorCode: 32 },
  warning: { icon: '▲', colorCode: 33 },
  error: { icon: '✖', colorCode: 31 },
  off: { icon: '○', colorCode: 90 },
};

/** Returns the result of a run, a line for each component, and what the run used. */
export function formatTable(snapshot: Snapshot): readonly TableLine[] {
  return [
    { text: formatHeading(snapshot) },
    ...snapshot.components.map((component) => formatRow(component, isPartial(component, snapshot))),
    { text: formatUse(snapshot) },
  ];
}

/** Returns the result of a run, what it used, and its hottest functions. */
export function formatSummary(snapshot: Snapshot): readonly string[] {
  const rows = hottestTable(selectHottest(snapshot, maxSummaryRows));
  const measured = snapshot.operations.length + snapshot.operationsOmitted;
  const shown = Math.max(0, rows.length - 1);
  const more = measured > shown ? [`${plural(measured, 'function')} and operations in all.`] : [];
  return [formatHeading(snapshot), formatUse(snapshot), ...formatBlocks(snapshot), ...alignTable(rows), ...more];
}

/** Returns one line about a run in progress: what it has processed, or else its hottest functions. */
export function formatProgress(snapshot: Snapshot): string {
  const { run } = snapshot;
  const counters = snapshot.components
    .flatMap((component) => (component.name === run.unit?.component ? Object.entries(component.counters) : []))
    .map(([name, value]) => `${format.count(value)} ${name}`);
  const calls = snapshot.components.reduce((sum, { count }) => sum + count, 0);
  const done = counters.length > 0 || calls === 0 ? counters : [`${format.count(calls)} calls`];
  const hottest = selectHottest(snapshot, maxProgressFunctions).map(
    (operation) => `${operation.name} ${format.duration(operation.selfNs ?? operation.totalNs)}`,
  );
  const functions = counters.length > 0 || hottest.length === 0 ? [] : [`hottest ${hottest.join(', ')}`];
  return [`${run.pipeline} ${run.result}`, format.duration(run.durationNs), ...done, ...functions].join(' · ');
}

function formatHeading({ run, health }: Snapshot): string {
  const state = run.kind === 'profile' ? 'profile of another tool' : run.result;
  return [`${run.title} · ${state} · ${format.duration(run.durationNs)}`, ...formatHealth(health)].join(' · ');
}

/** Returns `health 39 critical (exit code 1)`. Rounds down, so that the number is in the range of the level. */
function formatHealth({ score, level, reason }: Health): readonly string[] {
  if (level === undefined) return [];
  const parts = ['health', ...(score === undefined ? [] : [Math.floor(score)]), level];
  return [parts.join(' ') + (reason === undefined ? '' : ` (${reason})`)];
}

function formatUse({ run, overhead, dropped, resources, samplingNs }: Snapshot): string {
  const { peakRssBytes, cpuNs } = resources;
  // Absent for a process that someone else started, and zero in snapshots of earlier versions.
  return [
    ...(peakRssBytes ? [`${format.bytes(peakRssBytes)} peak memory`] : []),
    ...(cpuNs ? [`${format.duration(cpuNs)} CPU time`] : []),
    run.kind === 'profile' ? 'cost of measuring unknown' : `profiler ${overhead.percent.toFixed(1)} %`,
    ...(samplingNs ? [`samples every ${format.duration(samplingNs)}`] : []),
    ...(dropped.batches > 0 ? [`${dropped.batches} batches lost`] : []),
  ].join(' · ');
}

/** Returns a line about turns of the event loop that took too long, if there were any. */
function formatBlocks({ eventLoopBlocks }: Snapshot): readonly string[] {
  if (!eventLoopBlocks) return [];
  const { count, longestNs, functions } = eventLoopBlocks;
  const longest = functions.find((blocked) => blocked.longestNs === longestNs);
  const place = longest ? ` in ${longest.name}${longest.file ? ` (${longest.file}:${longest.line ?? 1})` : ''}` : '';
  return [`Event loop blocked ${count} × · longest ~${format.duration(longestNs)}${place}`];
}

/** Returns true if the calls of a function are no longer all counted, so that the component's count is a minimum. */
function isPartial({ name }: ComponentState, { operations }: Snapshot): boolean {
  return operations.some(({ component, partial }) => component === name && partial);
}

function formatRow(component: ComponentState, partial: boolean): TableLine {
  const lookups = component.cacheHits + component.cacheMisses;
  const cells = [
    component.name.padEnd(24),
    `${partial ? '≥ ' : ''}${format.count(component.count)}`.padStart(7),
    format.duration(component.p95Ns).padStart(9),
    format.percent(lookups > 0 ? component.cacheHits / lookups : undefined).padStart(7),
    component.reason,
  ];
  const head = `${lights[component.light].icon} ${component.light}`.padEnd(lightWidth);
  return { text: [head, ...cells].join('  '), light: component.light };
}

/** Aligns the columns: numbers to the right, and the last two, which are names, to the left. */
function alignTable(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const names = widths.length - 2;
  const align = (text: string, column: number): string =>
    column < names ? text.padStart(widths[column] ?? 0) : text.padEnd(widths[column] ?? 0);
  return rows.map((row) => `  ${row.map(align).join('  ')}`.trimEnd());
}
