import type { Pipeline } from '../../run/pipelines.ts';

/** Pipeline under which telemetry received over OTLP is recorded. */
export const otlpPipeline: Pipeline = {
  id: 'otlp',
  title: 'OpenTelemetry',
  description: 'Telemetry sent by instrumented programs.',
  components: [],
  throughput: [],
};
