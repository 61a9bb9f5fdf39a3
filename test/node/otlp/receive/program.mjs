/** An instrumented program that starts the SDK itself and is configured only by environment variables. */
import { metrics, SpanStatusCode, trace } from '@opentelemetry/api';
import { NodeSDK } from '@opentelemetry/sdk-node';

const sdk = new NodeSDK();
sdk.start();
const tracer = trace.getTracer('shop-lib');
for (let order = 0; order < 1000; order++) {
  tracer.startActiveSpan('order', (span) => {
    span.setAttributes({ 'code.function.name': 'Shop.order', 'code.file.path': import.meta.filename });
    span.setAttribute('code.line.number', 10);
    span.setAttribute('cache.hit', order % 10 === 0);
    for (let line = 0; line < 3; line++) tracer.startSpan('line').end();
    if (order % 50 === 0) {
      span.recordException(new RangeError('sold out'));
      span.setStatus({ code: SpanStatusCode.ERROR });
    }
    span.end();
  });
}
const meter = metrics.getMeter('shop-lib');
const orders = meter.createCounter('orders');
const wait = meter.createHistogram('wait', { unit: 's' });
for (let order = 0; order < 1000; order++) {
  orders.add(1, { kind: order % 2 });
  wait.record(0.25);
}
await sdk.shutdown();
