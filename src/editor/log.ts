/** Writes to the output channel, including one structured line per run. */
import type * as vscode from 'vscode';
import { listNotices } from '../core/export/run-notices.ts';
import { messageOf } from '../core/human-error.ts';
import { toVisibleLine } from '../protocol/escape/visible-line.ts';
import type { Light, Snapshot } from '../protocol/snapshot.ts';

export class Log {
  readonly #channel: vscode.LogOutputChannel;

  constructor(channel: vscode.LogOutputChannel) {
    this.#channel = channel;
  }

  info(line: string): void {
    this.#channel.info(toVisibleLine(line));
  }

  warn(line: string): void {
    this.#channel.warn(toVisibleLine(line));
  }

  /** Includes the stack, which is not shown to users. */
  error(what: string, error: unknown): void {
    const lines = ((error instanceof Error && error.stack) || messageOf(error)).split('\n');
    this.#channel.error(`${toVisibleLine(what)}: ${lines.map(toVisibleLine).join('\n')}`);
  }

  /** Writes the line of a run, and a line for each notice and loss. */
  logRun(snapshot: Snapshot): void {
    this.info(`Run summary generated ${JSON.stringify(runFields(snapshot))}`);
    for (const notice of listNotices(snapshot)) this.warn(notice);
  }

  show(): void {
    this.#channel.show(true);
  }

  dispose(): void {
    this.#channel.dispose();
  }
}

/** Returns the fields of a run's line. Other tools search for these names. */
export function runFields(snapshot: Snapshot): Readonly<Record<string, string | number>> {
  const lights = (light: Light) => snapshot.components.filter((component) => component.light === light).length;
  const hits = snapshot.components.reduce((sum, component) => sum + component.cacheHits, 0);
  const lookups = snapshot.components.reduce((sum, { cacheHits, cacheMisses }) => sum + cacheHits + cacheMisses, 0);
  return {
    run: snapshot.run.id,
    pipeline: snapshot.run.pipeline,
    result: snapshot.run.result,
    duration_ms: Math.round(snapshot.run.durationNs / 1e6),
    total_components: snapshot.components.length,
    total_functions: snapshot.operations.length + snapshot.operationsOmitted,
    green_count: lights('ok'),
    yellow_count: lights('warning'),
    red_count: lights('error'),
    ...(lookups > 0 ? { cache_hit: Number((hits / lookups).toFixed(4)) } : {}),
  };
}
