/** Every format that a snapshot can be exported to: a row adds one. */
import type { Snapshot } from '../../protocol/snapshot.ts';
import { exportJson } from './snapshot-json.ts';

export interface Format {
  readonly id: string;
  readonly title: string;
  /** Ending of the file, without the leading dot. */
  readonly ending: string;
  readonly write: (snapshot: Snapshot) => string;
}

export const formats: readonly Format[] = [
  { id: 'json', title: 'Pipescope snapshot', ending: 'pipescope.json', write: exportJson },
];
