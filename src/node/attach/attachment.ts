import type { ProbeConfig } from '../../protocol/control.ts';
import type { StartOptions } from '../run/start-run.ts';
import type { RunningProcess } from './running-process.ts';

/** A program that is being sampled. */
export interface Attachment {
  configure(probeConfig: ProbeConfig): void;
  /** Leaves the program as it was. Resolves once the last data have arrived, also after the end of the program. */
  detach(): Promise<void>;
}

/** Rejects with a HumanError. */
export type Attach = (target: RunningProcess, options: StartOptions) => Promise<Attachment>;
