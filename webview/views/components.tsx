/** The components of the run, each with its light and the reason for it, its numbers, and its latency over time. */
import type { VNode } from 'preact';
import { rate, share, timing } from '../../src/core/format.ts';
import type { ComponentState, Light, Snapshot } from '../../src/protocol/snapshot.ts';
import { HeatStrip } from '../charts/sparkline.tsx';
import type { TimeWindow } from '../time-window.ts';
import { Icon } from './icon.tsx';

export function Components({ snapshot, window }: { readonly snapshot: Snapshot; readonly window: TimeWindow }) {
  // The list of code shows those that are only known from samples.
  const components = snapshot.code ? snapshot.components.filter(isMeasured) : snapshot.components;
  if (snapshot.code && components.length === 0) return null;
  return (
    // A long list scrolls, so that it moves neither the charts nor the tabs.
    <section class="card components" aria-labelledby="components-title" {...focusable}>
      <h2 id="components-title">Components</h2>
      <table>
        <thead>
          <tr>
            <th scope="col">name</th>
            <th scope="col">rate</th>
            <th scope="col">p95</th>
            <th scope="col">hits</th>
          </tr>
        </thead>
        {components.map((component) => (
          <Row
            key={component.name}
            component={component}
            heat={<HeatStrip series={snapshot.series[`latency.p95{${component.name}}`]} window={window} />}
          />
        ))}
      </table>
    </section>
  );
}

/** Makes a scrollable area reachable by keyboard. */
const focusable = { tabIndex: 0 } as const;

function isMeasured({ count, light, counters, gauges }: ComponentState): boolean {
  return count > 0 || light !== 'off' || Object.keys(counters).length + Object.keys(gauges).length > 0;
}

/** Returns the light and its reason, without repeating the light if the reason already names it. */
function lightText(light: Light, reason: string): string {
  return reason.split(' · ').includes(light) ? reason : `${light} · ${reason}`;
}

function Row({ component, heat }: { readonly component: ComponentState; readonly heat: VNode }) {
  const { name, light, reason, ratePerSecond, p95Ns, cacheHits, cacheMisses } = component;
  const lookups = cacheHits + cacheMisses;
  return (
    <tbody>
      <tr>
        <th scope="row">
          <Icon name={light} />
          {name}
        </th>
        <td>{rate(ratePerSecond)}</td>
        <td>{timing(p95Ns)}</td>
        <td>{share(lookups > 0 ? cacheHits / lookups : undefined)}</td>
      </tr>
      <tr>
        <td colSpan={4}>
          {heat}
          <p class="reason">{lightText(light, reason)}</p>
        </td>
      </tr>
    </tbody>
  );
}
