/** Snapshots as JSON files: complete and readable again. New versions only add properties to the schema. */
import { parseJson } from '../../protocol/parse-json.ts';
import { isSnapshot, type Snapshot, snapshotSchema } from '../../protocol/snapshot.ts';
import { HumanError } from '../human-error.ts';

export function formatSnapshotJson(snapshot: Snapshot): string {
  return `${JSON.stringify(snapshot, undefined, 1)}\n`;
}

/** Parses the text of an exported snapshot. Throws a HumanError if it is not one. */
export function parseSnapshotJson(text: string): Snapshot {
  const value = parseJson(text);
  if (isSnapshot(value)) return value;
  const problem =
    value === undefined ? 'The file is not valid JSON' : `The file is not a snapshot with schema ${snapshotSchema}`;
  throw new HumanError(`${problem}. Select a file that Pipescope exported.`);
}
