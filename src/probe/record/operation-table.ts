import type { Batch, Definition, OperationDelta, OperationKind, SpanEvent } from '../../protocol/batch/batch.ts';
import { cleanName, cleanPath, readProperty } from './clean-map.ts';
import { maxComponentLength, maxNameLength, unnamed } from './clean-text.ts';
import type { DroppedCounter } from './dropped-counter.ts';
import type { NoticeQueue } from './notice-queue.ts';
import { Operation } from './operation.ts';
import { SpanBudget } from './span-budget.ts';

/** Describes an operation when it is created. */
export interface OperationOptions {
  /** Part of the program that the operation belongs to; default `main`. */
  readonly component?: string;
  readonly kind?: OperationKind;
  /** Path of the source file; absolute, or relative to the workspace. */
  readonly file?: string;
  /** Line number, counted from 1. */
  readonly line?: number;
}

/** Maximum number of named operations; further ones are counted together as `other` of their component. */
const maxOperations = 2000;
/** Maximum length of all names and paths; operations beyond it are counted as `other` too. */
const maxDefinitionsLength = 2 * 1024 * 1024;
const other = 'other';
const defaultComponent = 'main';
const operationKinds: ReadonlySet<unknown> = new Set<OperationKind>(['function', 'stage', 'check', 'query']);

type OperationRecords = Pick<Batch, 'definitions' | 'operations' | 'spans' | 'spansOmitted'>;

/** The operations of a program, at most `maxOperations` and one more per component. */
export class OperationTable {
  readonly #operations = new Map<string, Operation>();
  readonly #dropped: DroppedCounter;
  readonly #notices: NoticeQueue;
  readonly #spanBudget = new SpanBudget();
  #definitionsLength = 0;
  /** Number of calls and lookups that were drained. */
  events = 0;

  constructor(dropped: DroppedCounter, notices: NoticeQueue) {
    this.#dropped = dropped;
    this.#notices = notices;
  }

  /** True once there are so many operations that a new name is counted as `other`. */
  get isCrowded(): boolean {
    return this.#operations.size >= maxOperations || this.#definitionsLength >= maxDefinitionsLength;
  }

  /**
   * Returns the operation with this name and component; creates it on first use. Accepts any argument: what is not valid is
   * left out and counted as dropped.
   */
  operation(name: unknown, options: OperationOptions): Operation {
    const component = readProperty(options, 'component', this.#dropped) ?? defaultComponent;
    return this.#operation(
      cleanName(component, maxComponentLength, defaultComponent, this.#dropped),
      cleanName(name, maxNameLength, unnamed, this.#dropped),
      options,
    );
  }

  /** Makes every definition due again, for a host that may not have them. */
  redefine(): void {
    for (const operation of this.#operations.values()) operation.redefine();
  }

  /**
   * Returns what changed since the previous call. Without `withSpans`, spans are only counted.
   *
   * @param definedIds operations whose definitions are needed although nothing may have changed
   */
  drain(withSpans: boolean, definedIds: ReadonlySet<number> = new Set()): OperationRecords {
    const definitions: Definition[] = [];
    const operations: OperationDelta[] = [];
    const spans: SpanEvent[] = [];
    let spansOmitted = 0;
    for (const operation of this.#operations.values()) {
      const delta = operation.drainDelta();
      const slowest = operation.drainSpans();
      spansOmitted += operation.spansOmitted + (withSpans ? 0 : slowest.length);
      operation.spansOmitted = 0;
      if (withSpans) spans.push(...slowest);
      const definition = delta || definedIds.has(operation.definition.id) ? operation.drainDefinition() : undefined;
      if (definition) definitions.push(definition);
      if (!delta) continue;
      operations.push(delta);
      this.events += delta.count + delta.hits + delta.misses;
    }
    this.#spanBudget.clear();
    return {
      ...(definitions.length ? { definitions } : {}),
      ...(operations.length ? { operations } : {}),
      ...(spans.length ? { spans } : {}),
      ...(spansOmitted ? { spansOmitted } : {}),
    };
  }

  #operation(component: string, name: string, options: OperationOptions): Operation {
    const key = `${component}\0${name}`;
    const existing = this.#operations.get(key);
    if (existing) return existing;
    if (this.isCrowded && name !== other) {
      this.#notices.add(
        `The program uses more than ${maxOperations} operations, so further ones are counted together as "${other}". Use fewer distinct names, such as a route instead of a URL.`,
      );
      // Too many components would create too many `other` operations, so from here on all components share one.
      const hasRoomForComponent = this.#operations.size < 2 * maxOperations;
      return this.#operation(hasRoomForComponent ? component : defaultComponent, other, {});
    }
    const definition = { id: this.#operations.size, component, name, ...this.#describe(options) };
    const operation = new Operation(definition, this.#dropped, this.#spanBudget);
    this.#operations.set(key, operation);
    this.#definitionsLength += component.length + name.length + (definition.file?.length ?? 0);
    return operation;
  }

  /** Returns the valid part of the options. */
  #describe(options: OperationOptions): Pick<Definition, 'kind' | 'file' | 'line'> {
    const dropped = this.#dropped;
    const kind = readProperty(options, 'kind', dropped) ?? 'function';
    const line = readProperty(options, 'line', dropped) ?? 0;
    const file = cleanPath(readProperty(options, 'file', dropped), dropped);
    const isKind = operationKinds.has(kind);
    const isLine = Number.isSafeInteger(line) && (line as number) >= 0;
    dropped.values += (isKind ? 0 : 1) + (isLine ? 0 : 1);
    return {
      kind: isKind ? (kind as OperationKind) : 'function',
      ...(file === undefined ? {} : { file }),
      ...(isLine && line !== 0 ? { line: line as number } : {}),
    };
  }
}
