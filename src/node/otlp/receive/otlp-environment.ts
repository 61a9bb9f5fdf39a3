/** Environment variables that make OpenTelemetry SDKs of any language send to the receiver. */
import type { OtlpReceiver } from './otlp-receiver.ts';

/** Infixes of variables that apply to all signals or to a single one. */
const signalInfixes = ['', 'TRACES_', 'METRICS_'] as const;

/** Returns true if the user's telemetry already goes to another endpoint or uses gRPC. We do not redirect it. */
function isConfiguredElsewhere(env: NodeJS.ProcessEnv): boolean {
  return signalInfixes.some((infix) => {
    const prefix = `OTEL_EXPORTER_OTLP_${infix}`;
    return Boolean(env[`${prefix}ENDPOINT`]) || env[`${prefix}PROTOCOL`] === 'grpc';
  });
}

/**
 * Returns the variables to add to the environment of a program so that it sends to the receiver. Variables that the user
 * has already set are left unchanged. `service` is the service name, unless the program has its own.
 */
export function otlpEnvironment(
  receiver: Pick<OtlpReceiver, 'endpoint' | 'token'>,
  env: NodeJS.ProcessEnv = process.env,
  service?: string,
): Readonly<Record<string, string>> {
  if (isConfiguredElsewhere(env)) return {};
  const { endpoint, token } = receiver;
  const defaults: Record<string, string> = {
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    // Many SDKs fail at startup if told to use JSON. All support protobuf over HTTP.
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
    OTEL_TRACES_EXPORTER: 'otlp',
    OTEL_METRICS_EXPORTER: 'otlp',
    OTEL_LOGS_EXPORTER: 'none',
    // With the default delay, a program that exits abruptly loses the spans of its last five seconds.
    OTEL_BSP_SCHEDULE_DELAY: '200',
    // With the default size, the 2,049th span of a burst is silently dropped.
    OTEL_BSP_MAX_QUEUE_SIZE: '16384',
    // The timeout must not be longer than the interval.
    ...(env['OTEL_METRIC_EXPORT_TIMEOUT'] ? {} : { OTEL_METRIC_EXPORT_INTERVAL: '500' }),
    ...(env['OTEL_METRIC_EXPORT_INTERVAL'] ? {} : { OTEL_METRIC_EXPORT_TIMEOUT: '400' }),
    ...(service ? { OTEL_SERVICE_NAME: service } : {}),
  };
  const unset = Object.entries(defaults).filter(([name]) => !env[name] && !isSetAsAttribute(name, env));
  return { ...Object.fromEntries(unset), ...(token === undefined ? {} : headersWith(token, env)) };
}

/** Returns true for the service name if the user has set it as a resource attribute. */
function isSetAsAttribute(variable: string, env: NodeJS.ProcessEnv): boolean {
  return variable === 'OTEL_SERVICE_NAME' && /(^|,)\s*service\.name=/.test(env['OTEL_RESOURCE_ATTRIBUTES'] ?? '');
}

/** Adds the token to the user's headers. They are a list in the format of W3C Baggage, so the space is escaped. */
function headersWith(token: string, env: NodeJS.ProcessEnv): Record<string, string> {
  const name = 'OTEL_EXPORTER_OTLP_HEADERS';
  const existing = env[name];
  const authorization = `authorization=Bearer%20${token}`;
  return { [name]: existing ? `${existing},${authorization}` : authorization };
}

/** Formats variables as `export` lines for a shell. */
export function formatExports(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => `export ${name}=${value}`)
    .join('\n');
}
