/** Selects the operations and files of a snapshot that get a lens. */
import { sumSelfNs } from '../../core/snapshot/operation-times.ts';
import type { OperationState, Snapshot } from '../../protocol/snapshot.ts';
import { heatOf, sampleCount } from './heat.ts';
import {
  itemText,
  measuredProvenance,
  operationText,
  provenanceText,
  type SlowThresholds,
  sampledProvenance,
  sampledTimes,
} from './lens-text.ts';
import type { SymbolLocation } from './symbol-match.ts';

export interface LensCandidate {
  /** Absolute path. */
  readonly path: string;
  /** Identifies the operation or item within the file. */
  readonly key: string;
  readonly pipeline: string;
  /** Zero-based. */
  readonly line: number;
  /** If a file has too many lenses, those with the largest weight are shown. */
  readonly weightNs: number;
  /** True if it is slow enough for a new lens. An existing lens is kept in any case. */
  readonly isSlowEnough: boolean;
  /** Ranges from 0 to 1, by share of the run's self time; 0 for a file. */
  readonly heat: number;
  readonly text: string;
  readonly tooltip: string;
}

export interface SelectLensesOptions extends SlowThresholds {
  readonly template: string;
  /** Minimum p95 of an operation, or total time of a file. */
  readonly minNs: number;
  /** Returns the absolute path of a file of the snapshot if it is in the workspace. */
  locate(file: string): string | undefined;
  /** Returns the location of the function that an operation without a file refers to by its name. */
  locateFunction?(name: string): SymbolLocation | undefined;
}

export function selectLenses(snapshot: Snapshot, options: SelectLensesOptions): readonly LensCandidate[] {
  return [...fileCandidates(snapshot, options), ...operationCandidates(snapshot, options)];
}

function operationCandidates(snapshot: Snapshot, options: SelectLensesOptions): readonly LensCandidate[] {
  const byLocation = new Map<string, LensCandidate>();
  const totals = {
    selfNs: snapshot.sampledNs ?? sumSelfNs(snapshot.operations),
    samples: sampleCount(snapshot),
  };
  for (const operation of snapshot.operations) {
    const candidate = operationCandidate(snapshot, operation, options, totals);
    if (!candidate) continue;
    const location = `${candidate.path}:${candidate.line}`;
    const other = byLocation.get(location);
    if (!other || isBetter(candidate, other)) byLocation.set(location, candidate);
  }
  return [...byLocation.values()];
}

/** The code outside of functions has the same first line as a function there, which a lens describes to its readers. */
const topLevelKey = /\/\(top level of /;

/** Returns true if the lens of a line should show this operation rather than another one. */
function isBetter(candidate: LensCandidate, other: LensCandidate): boolean {
  const isTopLevel = topLevelKey.test(candidate.key);
  if (isTopLevel !== topLevelKey.test(other.key)) return !isTopLevel;
  return candidate.weightNs > other.weightNs;
}

/** Totals of a run, to compute shares. */
interface RunTotals {
  readonly selfNs: number;
  readonly samples: number;
}

function operationCandidate(
  snapshot: Snapshot,
  operation: OperationState,
  options: SelectLensesOptions,
  totals: RunTotals,
): LensCandidate | undefined {
  const samples = operation.count > 0 ? 0 : (operation.samples ?? 0);
  const location = operation.count + samples > 0 ? locateOperation(operation, options) : undefined;
  if (!location) return undefined;
  // Durations of single calls are unknown if the operation was only sampled, so use its total time.
  const weightNs = samples > 0 ? operation.totalNs : (operation.p95Ns ?? 0);
  const source = samples > 0 ? sampledSource(snapshot, operation, totals.samples) : measuredProvenance(operation);
  const matched = operation.file === undefined ? ', matched by name' : '';
  return {
    ...location,
    key: `${operation.component}/${operation.name}`,
    pipeline: snapshot.run.pipeline,
    weightNs,
    isSlowEnough: weightNs >= options.minNs,
    heat: heatOf(operation.selfNs ?? 0, totals.selfNs),
    text: operationText(operation, options.template, options, snapshot.sampledNs),
    tooltip: `${operation.component} › ${operation.name}${matched}: ${provenance(snapshot, source)}`,
  };
}

function sampledSource({ sampledNs, samplingNs }: Snapshot, operation: OperationState, allSamples: number): string {
  const source = sampledProvenance(operation.samples ?? 0, allSamples, samplingNs);
  return sampledNs === undefined ? source : `${sampledTimes(operation, sampledNs)}; ${source}`;
}

function locateOperation(
  { file, line, name, count }: OperationState,
  options: SelectLensesOptions,
): SymbolLocation | undefined {
  if (file === undefined) return count > 0 ? options.locateFunction?.(name) : undefined;
  const path = line !== undefined && line >= 1 ? options.locate(file) : undefined;
  return path === undefined || line === undefined ? undefined : { path, line: line - 1 };
}

function fileCandidates(snapshot: Snapshot, options: SelectLensesOptions): readonly LensCandidate[] {
  return snapshot.items.flatMap((item) => {
    const path = item.file === undefined ? undefined : options.locate(item.file);
    if (path === undefined) return [];
    return {
      path,
      key: fileKey,
      pipeline: snapshot.run.pipeline,
      line: 0,
      weightNs: item.totalNs,
      isSlowEnough: item.totalNs >= options.minNs,
      heat: 0,
      text: itemText(item, options),
      tooltip: `${item.name}: ${provenance(snapshot, 'measured')}`,
    };
  });
}

/** Key of the lens at the top of a file. */
export const fileKey = 'file';

function provenance(snapshot: Snapshot, source: string): string {
  return provenanceText(snapshot.run, source, snapshot.overhead.percent);
}
