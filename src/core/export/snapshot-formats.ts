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

export const snapshotFormats: readonly SnapshotFormat[] = [
  { id: 'json', title: 'Pipescope snapshot', extension: 'pipescope.json', write: formatSnapshotJson },
];
