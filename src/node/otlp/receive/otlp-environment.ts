/** The variables by which OpenTelemetry's SDKs, of any language, find the receiver. */
import type { Receiver } from './otlp-receiver.ts';

/** For all signals, or for one. */
const signals = ['', 'TRACES_', 'METRICS_'] as const;

/** Whether the user's telemetry goes elsewhere already, or in a way that is not ours: it is left to go there. */
function goesElsewhere(env: NodeJS.ProcessEnv): boolean {
  return signals.some((signal) => {
    const own = `OTEL_EXPORTER_OTLP_${signal}`;
    return Boolean(env[`${own}ENDPOINT`]) || env[`${own}PROTOCOL`] === 'grpc';
  });
}

/**
 * What is added to the environment of a program so that it sends here; what is set there already stays as it is.
 * `service` is the name that its spans are shown under unless it names itself.
 */
export function environmentOf(
  receiver: Pick<Receiver, 'endpoint' | 'token'>,
  env: NodeJS.ProcessEnv = process.env,
  service?: string,
): Readonly<Record<string, string>> {
  if (goesElsewhere(env)) return {};
  const { endpoint, token } = receiver;
  const wanted: Record<string, string> = {
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    // Not JSON, which many a program answers with an error at its start: only protobuf is known to all over HTTP.
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
    OTEL_TRACES_EXPORTER: 'otlp',
    OTEL_METRICS_EXPORTER: 'otlp',
    OTEL_LOGS_EXPORTER: 'none',
    // By default a program that ends at once loses the spans of its last five seconds.
    OTEL_BSP_SCHEDULE_DELAY: '200',
    // By default the 2049th span of a burst is dropped without a word.
    OTEL_BSP_MAX_QUEUE_SIZE: '16384',
    // The timeout must not be longer than the interval.
    ...(env['OTEL_METRIC_EXPORT_TIMEOUT'] ? {} : { OTEL_METRIC_EXPORT_INTERVAL: '500' }),
    ...(env['OTEL_METRIC_EXPORT_INTERVAL'] ? {} : { OTEL_METRIC_EXPORT_TIMEOUT: '400' }),
    ...(service ? { OTEL_SERVICE_NAME: service } : {}),
  };
  const unset = Object.entries(wanted).filter(([name]) => !env[name] && !isNamed(name, env));
  return { ...Object.fromEntries(unset), ...(token === undefined ? {} : headersWith(token, env)) };
}

/** A service may be named among the attributes of its resource, too. */
function isNamed(variable: string, env: NodeJS.ProcessEnv): boolean {
  return variable === 'OTEL_SERVICE_NAME' && /(^|,)\s*service\.name=/.test(env['OTEL_RESOURCE_ATTRIBUTES'] ?? '');
}

/** Headers are a list as in W3C Baggage, so the blank is escaped; those of the user's are kept. */
function headersWith(token: string, env: NodeJS.ProcessEnv): Record<string, string> {
  const name = 'OTEL_EXPORTER_OTLP_HEADERS';
  const own = env[name];
  const ours = `authorization=Bearer%20${token}`;
  return { [name]: own ? `${own},${ours}` : ours };
}

/** For people: the same as lines for a shell. */
export function exportsOf(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => `export ${name}=${value}`)
    .join('\n');
}
