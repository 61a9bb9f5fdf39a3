/** Table of all export formats for snapshots. Add a row to add a format. */
import type { Snapshot } from '../../protocol/snapshot.ts';
import { formatSnapshotJson } from './snapshot-json.ts';

interface SnapshotFormat {
  readonly id: string;
  readonly title: string;
  /** File extension without the leading dot. */
  readonly extension: string;
  readonly write: (snapshot: Snapshot) => string;
}

const json: SnapshotFormat = {
  id: 'json',
  title: 'Pipescope snapshot',
  extension: 'pipescope.json',
  write: formatSnapshotJson,
};

export const snapshotFormats: readonly SnapshotFormat[] = [json];

/** Returns the format of a file by its extension. Files with other extensions are snapshots in JSON. */
export function snapshotFormatOf(file: string): SnapshotFormat {
  return snapshotFormats.find(({ extension }) => file.endsWith(`.${extension}`)) ?? json;
}
