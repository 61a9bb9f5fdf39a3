import type { ProbeConfig } from '../../../protocol/control.ts';
import { UsageError } from '../invocation.ts';

const minIntervalMs = 0.25;
const maxIntervalMs = 1000;

/** Parses the value of `--sampling`. Throws a UsageError if it is invalid. */
export function parseSampling(text: string | undefined): Partial<ProbeConfig> {
  if (text === undefined) return {};
  if (text === 'fine') return { hasFineSampling: true };
  if (text === 'off') return { samplingNs: 0 };
  const intervalMs = Number(text);
  if (intervalMs >= minIntervalMs && intervalMs <= maxIntervalMs)
    return { samplingNs: Math.round(intervalMs * 1e6), hasFixedInterval: true, hasFineSampling: false };
  throw new UsageError(
    `--sampling must be an interval from ${minIntervalMs} to ${maxIntervalMs} milliseconds, fine, or off (got “${text}”).`,
  );
}
