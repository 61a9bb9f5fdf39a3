import { randomUUID } from 'node:crypto';
import { isAbsolute, relative, sep } from 'node:path';
import type { StackSource } from '../../core/stacks/fixed-stacks.ts';
import type { StackReference } from '../../core/stacks/stack-comparison.ts';
import type { PanelState, ShownFunction } from '../../protocol/panel/panel-message.ts';
import type { FunctionLocation, StackSelection, StackView } from '../../protocol/panel/stack-view.ts';
import type { RunSource } from './run-source.ts';

/** A view is built again after this many times the time that it took, so that a live run costs the host less than 5 %. */
const minRestFactor = 25;

interface ShownStacksOptions {
  readonly run: RunSource;
  /** Adds what the stacks themselves do not have, such as source code. */
  readonly complete: (view: StackView) => StackView;
  readonly nowMs?: () => number;
}

interface BuiltView {
  readonly view: StackView | undefined;
  readonly source: StackSource | undefined;
  readonly selection: StackSelection;
  readonly reference: StackReference | undefined;
  readonly builtAtMs: number;
  readonly durationMs: number;
}

/** The stacks that a page shows: what the user has selected, the reference, and the function that the editor asks for. */
export class ShownStacks {
  readonly #options: ShownStacksOptions;
  /** Undefined while the page shows no stacks. */
  #selection: StackSelection | undefined;
  #reference: StackReference | undefined;
  #function: { readonly location: FunctionLocation; readonly turn: string } | undefined;
  #built: BuiltView | undefined;

  constructor(options: ShownStacksOptions) {
    this.#options = options;
  }

  select(selection: StackSelection | undefined): void {
    this.#selection = selection;
  }

  compareWith(reference: StackReference | undefined): void {
    this.#reference = reference;
  }

  /** Lets the page select a function. */
  showFunction(location: FunctionLocation): void {
    this.#function = { location, turn: randomUUID() };
  }

  /** The parts of the panel's state that belong to stacks. */
  get state(): Pick<PanelState, 'stacks' | 'shownFunction'> {
    const stacks = this.#view;
    const shownFunction = this.#shownFunction;
    return {
      ...(stacks ? { stacks: this.#options.complete(stacks) } : {}),
      ...(shownFunction ? { shownFunction } : {}),
    };
  }

  get #view(): StackView | undefined {
    const { stackSource: source } = this.#options.run;
    const selection = this.#selection;
    const reference = this.#reference;
    if (!selection) return undefined;
    const built = this.#built;
    if (built && built.source === source && built.selection === selection && built.reference === reference) {
      const restMs = this.#nowMs - built.builtAtMs;
      // After the run there are few states, and the last one must show all samples.
      if (this.#isLive && restMs < built.durationMs * minRestFactor) return built.view;
    }
    const startMs = this.#nowMs;
    const view = source?.stackView(selection, reference);
    const builtAtMs = this.#nowMs;
    this.#built = { view, source, selection, reference, builtAtMs, durationMs: builtAtMs - startMs };
    return view;
  }

  get #shownFunction(): ShownFunction | undefined {
    if (!this.#function) return undefined;
    const { location, turn } = this.#function;
    const { file, line, name = line === undefined ? file : `${file}:${line}` } = location;
    const { stackSource, snapshot } = this.#options.run;
    // The editor names files by their path, the run by their path in its workspace.
    const inWorkspace = isAbsolute(file)
      ? relative(snapshot?.run.workspace ?? '', file)
          .split(sep)
          .join('/')
      : file;
    const id =
      stackSource?.findStackFunction({ ...location, file: inWorkspace }) ?? stackSource?.findStackFunction(location);
    return { turn, name, id };
  }

  get #isLive(): boolean {
    return this.#options.run.phase === 'running' && !this.#options.run.paused;
  }

  get #nowMs(): number {
    return this.#options.nowMs?.() ?? performance.now();
  }
}
