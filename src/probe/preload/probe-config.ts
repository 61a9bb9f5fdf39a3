import { isProbeConfig, type ProbeConfig } from '../../protocol/control.ts';
import { probeConfigVariable } from '../../protocol/environment-variables.ts';

/** Returns the configuration that the host put into the environment, or the defaults if there is none. */
export function readProbeConfig(): ProbeConfig {
  try {
    const config: unknown = JSON.parse(process.env[probeConfigVariable] ?? '');
    if (isProbeConfig(config)) return config;
  } catch {
    // Missing or malformed: use the defaults.
  }
  return { samplingNs: 1e6, exact: [], budgetRatio: 0.01, workspace: process.cwd() };
}
