/** Snapshots as JSON files: complete and readable again. New versions only add properties to the schema. */
import { findDeepBracket } from '../../protocol/json-depth.ts';
import { parseJson } from '../../protocol/parse-json.ts';
import { completeSnapshot, isSnapshot, type Snapshot, snapshotSchema } from '../../protocol/snapshot.ts';
import { HumanError } from '../human-error.ts';
import { findInvalidPart } from './snapshot-parts.ts';

export function formatSnapshotJson(snapshot: Snapshot): string {
  return `${JSON.stringify(snapshot, undefined, 1)}\n`;
}

/** Parses the text of an exported snapshot. Throws a HumanError if it is not one. */
export function parseSnapshotJson(text: string): Snapshot {
  if (findDeepBracket(text) !== undefined) throw invalidFile('The file is nested too deeply');
  const value = parseJson(text);
  if (value === undefined) throw invalidFile('The file is not valid JSON');
  return readSnapshot(value);
}

/** Verifies the value in a snapshot file. Throws a HumanError if it is not a snapshot or a part of it is damaged. */
export function readSnapshot(value: unknown): Snapshot {
  if (!isSnapshot(value)) throw invalidFile(`The file is not a snapshot with schema ${snapshotSchema}`);
  const snapshot = completeSnapshot(value);
  const invalidPart = findInvalidPart(snapshot);
  if (invalidPart !== undefined) throw invalidFile(`The snapshot is damaged in “${invalidPart}”`);
  return snapshot;
}

function invalidFile(problem: string): HumanError {
  return new HumanError(`${problem}. Select a file that Pipescope exported.`);
}
