/** Request that starts a keeper: the program to run, and how to measure it. */
import { custom, type GenericSchema, is, number, object, string } from 'valibot';
import { isProbeConfig, type ProbeConfig } from '../../protocol/control.ts';
import type { StartOptions } from '../run/start-run.ts';
import { launchSchema, type SerializableLaunch, stringRecordSchema } from './serializable-launch.ts';

export interface KeeperRequest extends Pick<StartOptions, 'runId' | 'dist' | 'probeConfig'> {
  readonly launch: SerializableLaunch;
  readonly span: { readonly traceId: string; readonly spanId: string; readonly traceFlags: number };
  /** Base environment of the program. */
  readonly environment: Readonly<Record<string, string>>;
  /** Time without a host after which the keeper ends the program. */
  readonly reconnectTimeoutMs: number;
}

const requestSchema: GenericSchema<KeeperRequest> = object({
  launch: launchSchema,
  runId: string(),
  dist: string(),
  probeConfig: custom<ProbeConfig>(isProbeConfig),
  span: object({ traceId: string(), spanId: string(), traceFlags: number() }),
  environment: stringRecordSchema,
  reconnectTimeoutMs: number(),
});

export function isKeeperRequest(value: unknown): value is KeeperRequest {
  return is(requestSchema, value);
}
