/** Progress in a terminal: one picture that redraws itself where there is a terminal, plain lines elsewhere. */
import * as format from '../../core/format.ts';
import type { ComponentState, Light, Snapshot } from '../../protocol/snapshot.ts';

/** Where progress goes: standard error, so that standard output stays for results. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

const plainEveryMs = 1000;
/** Icon, blank and word at the head of a component's line. */
const lightWidth = 9;

interface Line {
  readonly text: string;
  /** Colours the head of the line. */
  readonly light?: Light;
}

const lights: Readonly<Record<Light, { readonly icon: string; readonly colour: number }>> = {
  ok: { icon: '✔', colour: 32 },
  warning: { icon: '▲', colour: 33 },
  error: { icon: '✖', colour: 31 },
  off: { icon: '○', colour: 90 },
};

export class Screen {
  readonly #output: Output;
  readonly #live: boolean;
  readonly #colour: boolean;
  #drawn = 0;
  #plainAtMs = Number.NEGATIVE_INFINITY;

  constructor(output: Output, env: NodeJS.ProcessEnv = process.env) {
    this.#output = output;
    this.#live = output.isTTY === true && env['TERM'] !== 'dumb' && !env['CI'];
    this.#colour = this.#live && !env['NO_COLOR'];
  }

  /** Shows a run's newest snapshot; `nowMs` spaces plain lines. */
  show(snapshot: Snapshot, nowMs: number): void {
    if (this.#live) this.#redraw(picture(snapshot));
    else if (nowMs - this.#plainAtMs >= plainEveryMs) {
      this.#plainAtMs = nowMs;
      this.line(oneLine(snapshot));
    }
  }

  /** Leaves the last picture standing and goes on below it. */
  end(snapshot: Snapshot): void {
    const lines = picture(snapshot);
    if (this.#live) this.#redraw(lines);
    else this.#write(lines.map(({ text }) => `${text}\n`).join(''));
    this.#drawn = 0;
  }

  line(text: string): void {
    this.#write(`${text}\n`);
    this.#drawn = 0;
  }

  /** A line that the next one replaces, where there is a terminal; a plain line elsewhere. */
  status(text: string): void {
    if (this.#live) this.#redraw([{ text }]);
    else this.line(text);
  }

  #redraw(lines: readonly Line[]): void {
    const width = this.#output.columns ?? 80;
    const up = this.#drawn > 0 ? `\u001b[${this.#drawn}A\u001b[J` : '';
    this.#write(`${up}${lines.map((line) => `${this.#fit(line, width)}\n`).join('')}`);
    this.#drawn = lines.length;
  }

  /** A line longer than the terminal would wrap and spoil the next redraw. */
  #fit({ text, light }: Line, width: number): string {
    const shown = text.length < width ? text : text.slice(0, width - 1);
    if (!light || !this.#colour) return shown;
    const end = lightWidth;
    return `\u001b[${lights[light].colour}m${shown.slice(0, end)}\u001b[0m${shown.slice(end)}`;
  }

  #write(text: string): void {
    this.#output.write(text);
  }
}

function picture(snapshot: Snapshot): Line[] {
  const { run, health, overhead, dropped, resources } = snapshot;
  const score = health.score === undefined ? '' : ` · health ${health.score.toFixed(0)} ${health.level}`;
  // Of a process that someone else started nothing is known.
  const memory = `${format.bytes(resources.peakRssBytes)} at most`;
  const used = resources.peakRssBytes > 0 ? `${memory} · ${format.duration(resources.cpuNs)} processor time · ` : '';
  const lost = dropped.batches > 0 ? ` · ${dropped.batches} batches lost` : '';
  return [
    { text: `${run.title} · ${run.result} · ${format.duration(run.durationNs)}${score}` },
    ...snapshot.components.map((component) => row(component, isPartial(component, snapshot))),
    { text: `${used}profiler ${overhead.percent.toFixed(1)} %${lost}` },
  ];
}

/** Whether counting was given up of one of its functions, so that its calls are a least. */
function isPartial({ name }: ComponentState, { operations }: Snapshot): boolean {
  return operations.some(({ component, partial }) => component === name && partial);
}

function row(component: ComponentState, partial: boolean): Line {
  const lookups = component.cacheHits + component.cacheMisses;
  const cells = [
    component.name.padEnd(24),
    `${partial ? '≥ ' : ''}${format.count(component.count)}`.padStart(7),
    format.duration(component.p95Ns).padStart(9),
    format.percent(lookups > 0 ? component.cacheHits / lookups : undefined).padStart(7),
    component.reason,
  ];
  const head = `${lights[component.light].icon} ${component.light}`.padEnd(lightWidth);
  return { text: [head, ...cells].join('  '), light: component.light };
}

function oneLine(snapshot: Snapshot): string {
  const { run } = snapshot;
  const counters = snapshot.components
    .flatMap((component) => (component.name === run.unit?.component ? Object.entries(component.counters) : []))
    .map(([name, value]) => `${format.count(value)} ${name}`);
  const calls = snapshot.components.reduce((sum, { count }) => sum + count, 0);
  const done = counters.length > 0 || calls === 0 ? counters : [`${format.count(calls)} calls`];
  return [`${run.pipeline} ${run.result}`, format.duration(run.durationNs), ...done].join(' · ');
}
