/** Exports two spans to the collector of its environment. Their parent is the span that TRACEPARENT names. */
import { context, propagation, trace } from '@opentelemetry/api';
import { NodeSDK } from '@opentelemetry/sdk-node';

const sdk = new NodeSDK({ metricReaders: [] });
sdk.start();
const carrier = { traceparent: process.env.TRACEPARENT };
context.with(propagation.extract(context.active(), carrier), () => {
  for (const name of ['first', 'second']) trace.getTracer('t').startSpan(name).end();
});
// A collector that rejects the spans is not an error of this program.
await sdk.shutdown().catch(() => undefined);
process.exitCode = Number(process.argv[2] ?? 0);
