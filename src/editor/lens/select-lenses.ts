/** Chooses, from a snapshot, which places of the workspace have something to say. */
import type { OperationState, Snapshot } from '../../protocol/snapshot.ts';
import { allOwnNs, looksOf, ownNs, warmth } from './heat.ts';
import { itemText, type Levels, operationText, originText, sampledOrigin } from './lens-text.ts';
import type { Place } from './symbol-match.ts';

export interface Choice {
  /** Absolute path. */
  readonly path: string;
  /** Names the operation or the item, unique within the file. */
  readonly key: string;
  readonly pipeline: string;
  /** From 0. */
  readonly line: number;
  /** The slower, the earlier it is shown when a file has too many. */
  readonly weightNs: number;
  /** Slow enough for a lens of its own; one that already has a lens keeps it. */
  readonly worthy: boolean;
  /** From 0 to 1, by its share of all the time; 0 for a file. */
  readonly warmth: number;
  readonly text: string;
  readonly tooltip: string;
}

export interface ChoiceOptions extends Levels {
  readonly template: string;
  /** Least p95 of an operation, least total of a file. */
  readonly minNs: number;
  /** Absolute path of a file of the snapshot, if it lies in the workspace. */
  locate(file: string): string | undefined;
  /** Place of the function that an operation without a file means by its name. */
  match?(name: string): Place | undefined;
}

export function selectLenses(snapshot: Snapshot, options: ChoiceOptions): readonly Choice[] {
  return [...fileChoices(snapshot, options), ...operationChoices(snapshot, options)];
}

function operationChoices(snapshot: Snapshot, options: ChoiceOptions): readonly Choice[] {
  const byPlace = new Map<string, Choice>();
  const whole = { ownNs: allOwnNs(snapshot), looks: looksOf(snapshot) };
  for (const operation of snapshot.operations) {
    const choice = operationChoice(snapshot, operation, options, whole);
    if (!choice) continue;
    const place = `${choice.path}:${choice.line}`;
    const other = byPlace.get(place);
    if (!other || choice.weightNs > other.weightNs) byPlace.set(place, choice);
  }
  return [...byPlace.values()];
}

/** All that is known of a run, for shares of it. */
interface Whole {
  readonly ownNs: number;
  readonly looks: number;
}

function operationChoice(
  snapshot: Snapshot,
  operation: OperationState,
  options: ChoiceOptions,
  whole: Whole,
): Choice | undefined {
  const samples = operation.count > 0 ? 0 : (operation.samples ?? 0);
  const place = operation.count + samples > 0 ? placeOf(operation, options) : undefined;
  if (!place) return undefined;
  // What was only sampled has no duration of one call: its whole time stands for it.
  const weightNs = samples > 0 ? operation.totalNs : (operation.p95Ns ?? 0);
  const measured = operation.partial ? 'counted in part: counting all calls cost too much' : operation.source;
  const how = samples > 0 ? sampledOrigin(samples, whole.looks) : measured;
  const matched = operation.file === undefined ? ', matched by name' : '';
  return {
    ...place,
    key: `${operation.component}/${operation.name}`,
    pipeline: snapshot.run.pipeline,
    weightNs,
    worthy: weightNs >= options.minNs,
    warmth: warmth(ownNs(operation), whole.ownNs),
    text: operationText(operation, options.template, options),
    tooltip: `${operation.component} › ${operation.name}${matched}: ${origin(snapshot, how)}`,
  };
}

function placeOf({ file, line, name, count }: OperationState, options: ChoiceOptions): Place | undefined {
  if (file === undefined) return count > 0 ? options.match?.(name) : undefined;
  const path = line !== undefined && line >= 1 ? options.locate(file) : undefined;
  return path === undefined || line === undefined ? undefined : { path, line: line - 1 };
}

function fileChoices(snapshot: Snapshot, options: ChoiceOptions): readonly Choice[] {
  return snapshot.items.flatMap((item) => {
    const path = item.file === undefined ? undefined : options.locate(item.file);
    if (path === undefined) return [];
    return {
      path,
      key: fileKey,
      pipeline: snapshot.run.pipeline,
      line: 0,
      weightNs: item.totalNs,
      worthy: item.totalNs >= options.minNs,
      warmth: 0,
      text: itemText(item, options),
      tooltip: `${item.name}: ${origin(snapshot, 'measured')}`,
    };
  });
}

/** Key of the lens at the head of a file. */
export const fileKey = 'file';

function origin(snapshot: Snapshot, source: string): string {
  return originText(snapshot.run, source, snapshot.overhead.percent);
}
