/** Finds out whether the user's telemetry goes to a collector that this process can send to as well. */
import type { LaunchSpec } from '../../run/launch-spec.ts';

/**
 * `none`: spans go to our own receiver, or nowhere. `http`: a collector that accepts OTLP over HTTP. `unreachable`: a collector
 * to which only the program can send, because it uses gRPC or is configured for the program alone.
 */
export type Collector = 'none' | 'http' | 'unreachable';

const endpointVariables = ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT'] as const;
const protocolVariables = ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'OTEL_EXPORTER_OTLP_PROTOCOL'] as const;

/**
 * Returns the kind of collector.
 * @param program variables that are set for the program in addition
 */
export function collectorOf(env: NodeJS.ProcessEnv, program: NodeJS.ProcessEnv = {}): Collector {
  const merged = { ...env, ...program };
  if (merged['OTEL_SDK_DISABLED']?.toLowerCase() === 'true' || merged['OTEL_TRACES_EXPORTER'] === 'none') return 'none';
  const endpoint = firstOf(endpointVariables, merged);
  const protocol = firstOf(protocolVariables, merged);
  if (endpoint === undefined) return protocol === 'grpc' ? 'unreachable' : 'none';
  const isOnlyForProgram = Object.keys(program).some((name) => name.startsWith('OTEL_EXPORTER_OTLP_'));
  return protocol === 'grpc' || isOnlyForProgram ? 'unreachable' : 'http';
}

/** Returns true if the program of a run may send spans to a collector, where the run is their parent. */
export function hasParentInCollector(start: LaunchSpec['start']): boolean {
  return start.kind === 'command' && !start.noProbe && collectorOf(process.env, start.env) === 'http';
}

function firstOf(names: readonly string[], env: NodeJS.ProcessEnv): string | undefined {
  return names.map((name) => env[name]).find(Boolean);
}
