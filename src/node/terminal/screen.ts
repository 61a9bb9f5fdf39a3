/** Shows progress: redraws a table in place on a terminal, and writes plain lines to any other output. */
import * as format from '../../core/format.ts';
import type { ComponentState, Light, Snapshot } from '../../protocol/snapshot.ts';

/** Destination of text. Progress goes to standard error, results go to standard output. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

const plainIntervalMs = 1000;
/** Width of the icon and the label at the start of a component's line. */
const lightWidth = 9;

interface Line {
  readonly text: string;
  /** Determines the color of the start of the line. */
  readonly light?: Light;
}

const lights: Readonly<Record<Light, { readonly icon: string; readonly colorCode: number }>> = {
  ok: { icon: '✔', colorCode: 32 },
  warning: { icon: '▲', colorCode: 33 },
  error: { icon: '✖', colorCode: 31 },
  off: { icon: '○', colorCode: 90 },
};

export class Screen {
  readonly #output: Output;
  readonly #isLive: boolean;
  readonly #hasColor: boolean;
  #drawnLines = 0;
  #lastPlainMs = Number.NEGATIVE_INFINITY;

  constructor(output: Output, env: NodeJS.ProcessEnv = process.env) {
    this.#output = output;
    this.#isLive = output.isTTY === true && env['TERM'] !== 'dumb' && !env['CI'];
    this.#hasColor = this.#isLive && !env['NO_COLOR'];
  }

  /** Shows the latest snapshot of a run. Plain lines are written at most once a second of `nowMs`. */
  show(snapshot: Snapshot, nowMs: number): void {
    if (this.#isLive) this.#redraw(formatTable(snapshot));
    else if (nowMs - this.#lastPlainMs >= plainIntervalMs) {
      this.#lastPlainMs = nowMs;
      this.line(formatPlainLine(snapshot));
    }
  }

  /** Shows the final snapshot of a run. Later output appears below it. */
  end(snapshot: Snapshot): void {
    const lines = formatTable(snapshot);
    if (this.#isLive) this.#redraw(lines);
    else this.#write(lines.map(({ text }) => `${text}\n`).join(''));
    this.#drawnLines = 0;
  }

  line(text: string): void {
    this.#write(`${text}\n`);
    this.#drawnLines = 0;
  }

  /** Shows a line which the next one replaces on a terminal; writes a plain line to any other output. */
  status(text: string): void {
    if (this.#isLive) this.#redraw([{ text }]);
    else this.line(text);
  }

  #redraw(lines: readonly Line[]): void {
    const width = this.#output.columns ?? 80;
    const up = this.#drawnLines > 0 ? `\u001b[${this.#drawnLines}A\u001b[J` : '';
    this.#write(`${up}${lines.map((line) => `${this.#fit(line, width)}\n`).join('')}`);
    this.#drawnLines = lines.length;
  }

  /** Cuts a line to the width of the terminal, because a wrapped line would break the next redraw. */
  #fit({ text, light }: Line, width: number): string {
    const shown = text.length < width ? text : text.slice(0, width - 1);
    if (!light || !this.#hasColor) return shown;
    const end = lightWidth;
    return `\u001b[${lights[light].colorCode}m${shown.slice(0, end)}\u001b[0m${shown.slice(end)}`;
  }

  #write(text: string): void {
    this.#output.write(text);
  }
}

function formatTable(snapshot: Snapshot): Line[] {
  const { run, health, overhead, dropped, resources } = snapshot;
  const score = health.score === undefined ? '' : ` · health ${health.score.toFixed(0)} ${health.level}`;
  // Zero for a process that someone else started, because its resources are not measured.
  const memory = `${format.bytes(resources.peakRssBytes)} peak memory`;
  const used = resources.peakRssBytes > 0 ? `${memory} · ${format.duration(resources.cpuNs)} CPU time · ` : '';
  const lost = dropped.batches > 0 ? ` · ${dropped.batches} batches lost` : '';
  return [
    { text: `${run.title} · ${run.result} · ${format.duration(run.durationNs)}${score}` },
    ...snapshot.components.map((component) => formatRow(component, isPartial(component, snapshot))),
    { text: `${used}profiler ${overhead.percent.toFixed(1)} %${lost}` },
  ];
}

/** Returns true if the calls of a function are no longer all counted, so that the component's count is a minimum. */
function isPartial({ name }: ComponentState, { operations }: Snapshot): boolean {
  return operations.some(({ component, partial }) => component === name && partial);
}

function formatRow(component: ComponentState, partial: boolean): Line {
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

function formatPlainLine(snapshot: Snapshot): string {
  const { run } = snapshot;
  const counters = snapshot.components
    .flatMap((component) => (component.name === run.unit?.component ? Object.entries(component.counters) : []))
    .map(([name, value]) => `${format.count(value)} ${name}`);
  const calls = snapshot.components.reduce((sum, { count }) => sum + count, 0);
  const done = counters.length > 0 || calls === 0 ? counters : [`${format.count(calls)} calls`];
  return [`${run.pipeline} ${run.result}`, format.duration(run.durationNs), ...done].join(' · ');
}
