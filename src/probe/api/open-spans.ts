import { AsyncLocalStorage } from 'node:async_hooks';
import { rootNode, SpanTree } from '../../protocol/batch/stacks/span-tree.ts';
import type { Operation } from '../record/operation.ts';

/** A call in progress, as part of the call around it. */
export interface OpenSpan {
  readonly node: number;
  readonly around: OpenSpan | undefined;
  readonly startNs: number;
  hasEnded: boolean;
  /** Number of calls directly inside that are in progress, and since when there is at least one. */
  inside: number;
  insideSinceNs: number;
  /** Time in which at least one call directly inside was in progress. */
  coveredNs: number;
}

/** First version of Node whose `AsyncLocalStorage` costs only those who use it; before, each promise became slower. */
const minContextVersion = 24;
/** After this many calls that returned no promise, an operation is taken for synchronous. */
const maxTrials = 50;

/**
 * Knows inside of which call a call begins, also after an `await`, and sums the wall time of calls outside of the calls
 * inside. Calls inside that overlap count once. Before Node 24, calls after an `await` are inside of no other.
 */
export class OpenSpans {
  readonly tree = new SpanTree();
  readonly #context =
    Number.parseInt(process.versions.node, 10) >= minContextVersion ? new AsyncLocalStorage<OpenSpan>() : undefined;
  /** Innermost call on the stack. */
  #current: OpenSpan | undefined;

  begin({ definition }: Operation, startNs: number): OpenSpan {
    let around = this.#current ?? this.#context?.getStore();
    // A timer that was started by a call outlives it, and may start the next one forever.
    while (around?.hasEnded) around = around.around;
    const node = this.tree.child(around?.node ?? rootNode, definition.id);
    if (around && around.inside++ === 0) around.insideSinceNs = startNs;
    return { node, around, startNs, hasEnded: false, inside: 0, insideSinceNs: 0, coveredNs: 0 };
  }

  /** Runs the synchronous part of a call. */
  run<T>(span: OpenSpan, operation: Operation, work: () => T): T {
    const around = this.#current;
    this.#current = span;
    try {
      // To enter a context costs more than all the rest, and what is synchronous needs none.
      return this.#context && operation.syncCalls < maxTrials ? this.#context.run(span, work) : work();
    } finally {
      this.#current = around;
    }
  }

  end(span: OpenSpan, endNs: number): void {
    if (span.inside > 0) span.coveredNs += Math.max(0, endNs - span.insideSinceNs);
    span.hasEnded = true;
    this.tree.add(span.node, Math.max(0, endNs - span.startNs - span.coveredNs));
    const { around } = span;
    // A call that goes on after the call around it has ended is not inside of that any more.
    if (!around || around.hasEnded || --around.inside > 0) return;
    around.coveredNs += Math.max(0, endNs - around.insideSinceNs);
  }
}
