/** The snapshot as a file of ours: everything, readable again, with a schema that only grows. */

import { isSnapshot, type Snapshot, snapshotSchema } from '../../protocol/snapshot.ts';
import { HumanError } from '../human-error.ts';

export function exportJson(snapshot: Snapshot): string {
  return `${JSON.stringify(snapshot, undefined, 1)}\n`;
}

/** Reads what `exportJson` wrote; throws a HumanError that says why a text is no snapshot. */
export function importJson(text: string): Snapshot {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new HumanError('The file is not JSON. Choose a file that Pipescope exported.');
  }
  if (isSnapshot(value)) return value;
  throw new HumanError(`The file is no snapshot of schema ${snapshotSchema}. Choose a file that Pipescope exported.`);
}
