/** Shows progress: redraws a table in place on a terminal, and writes plain lines to any other output. */
import { escapeTerminalLine, joinTerminalLines } from '../../../protocol/escape/terminal-lines.ts';
import type { Snapshot } from '../../../protocol/snapshot.ts';
import { formatProgress, formatTable, lights, lightWidth, type TableLine } from './snapshot-table.ts';

/** Destination of text. Progress goes to standard error, results go to standard output. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export interface ScreenOptions {
  readonly env?: NodeJS.ProcessEnv;
  /**
   * True if a program writes to the same terminal. Lines are then only appended, because moving the cursor would erase or
   * overwrite the program's lines.
   */
  readonly isShared?: boolean;
}

const plainIntervalMs = 1000;

export class Screen {
  readonly #output: Output;
  readonly #isLive: boolean;
  /** Marks lines among those of a program. */
  readonly #mark: string;
  readonly #hasColor: boolean;
  #drawnLines = 0;
  #lastPlainMs = Number.NEGATIVE_INFINITY;

  constructor(output: Output, { env = process.env, isShared = false }: ScreenOptions = {}) {
    this.#output = output;
    this.#mark = isShared ? 'pipescope: ' : '';
    this.#isLive = output.isTTY === true && !isShared && env['TERM'] !== 'dumb' && !env['CI'];
    this.#hasColor = this.#isLive && !env['NO_COLOR'];
  }

  /** Shows the latest snapshot of a run. Plain lines are written at most once a second of `nowMs`. */
  show(snapshot: Snapshot, nowMs: number): void {
    if (this.#isLive) this.#redraw(formatTable(snapshot));
    else if (nowMs - this.#lastPlainMs >= plainIntervalMs) {
      this.#lastPlainMs = nowMs;
      this.line(`${this.#mark}${formatProgress(snapshot)}`);
    }
  }

  /** Shows the final snapshot of a run. Later output appears below it. */
  end(snapshot: Snapshot): void {
    const lines = formatTable(snapshot);
    if (this.#isLive) this.#redraw(lines);
    else this.#output.write(joinTerminalLines(lines.map(({ text }) => text)));
    this.#drawnLines = 0;
  }

  /** Writes a text as one line. */
  line(text: string): void {
    this.lines([text]);
  }

  /** Writes each text as one line. */
  lines(texts: readonly string[]): void {
    this.#output.write(joinTerminalLines(texts));
    this.#drawnLines = 0;
  }

  /** Shows a line which the next one replaces on a terminal; writes a plain line to any other output. */
  status(text: string): void {
    if (this.#isLive) this.#redraw([{ text }]);
    else this.line(text);
  }

  #redraw(lines: readonly TableLine[]): void {
    const width = this.#output.columns ?? 80;
    const up = this.#drawnLines > 0 ? `\u001b[${this.#drawnLines}A\u001b[J` : '';
    this.#output.write(`${up}${lines.map((line) => `${this.#fit(line, width)}\n`).join('')}`);
    this.#drawnLines = lines.length;
  }

  /** Cuts a line to the width of the terminal, because a wrapped line would break the next redraw. */
  #fit({ text, light }: TableLine, width: number): string {
    const shown = escapeTerminalLine(text).slice(0, width - 1);
    if (!light || !this.#hasColor) return shown;
    const end = lightWidth;
    return `\u001b[${lights[light].colorCode}m${shown.slice(0, end)}\u001b[0m${shown.slice(end)}`;
  }
}
