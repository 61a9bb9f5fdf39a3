/** Lists where a run spent its time: the functions and operations with the largest self times. */
import type { OperationState, Snapshot } from '../../protocol/snapshot.ts';
import * as format from '../format.ts';
import { isForeignComponent } from '../snapshot/foreign-component.ts';
import { compareBySelfTime } from '../snapshot/operation-times.ts';

/**
 * Returns the operations with the largest self times, the largest first. Leaves out functions of other code that only called
 * others, such as those of Node that load the program.
 */
export function selectHottest({ operations }: Pick<Snapshot, 'operations'>, max: number): readonly OperationState[] {
  return operations
    .filter(({ component, count, samples = 0, selfNs = 0 }) => {
      return count + samples > 0 && (count > 0 || selfNs > 0 || !isForeignComponent(component));
    })
    .toSorted(compareBySelfTime)
    .slice(0, max);
}

/** Returns a table with one row per operation; `~` marks values that are not measured. */
export function hottestTable(operations: readonly OperationState[]): readonly (readonly string[])[] {
  if (operations.length === 0) return [];
  return [
    ['self', 'total', 'calls', 'function', 'source'],
    ...operations.map((operation) => {
      const { component, name, count, file, line, partial, selfNs, source, totalNs } = operation;
      const mark = source === 'measured' ? '' : '~';
      return [
        selfNs === undefined ? format.missing : `${mark}${format.duration(selfNs)}`,
        `${mark}${format.duration(totalNs)}`,
        count > 0 ? `${partial ? '≥ ' : ''}${format.count(count)}` : format.missing,
        file === undefined && component !== name ? `${component}.${name}` : name,
        file === undefined ? '' : line === undefined ? file : `${file}:${line}`,
      ];
    }),
  ];
}
