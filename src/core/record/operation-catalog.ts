/** The operations of a run, the same for all of its sources, up to a limit of number and size. */
import type { Definition } from '../../protocol/batch/batch.ts';
import type { ComponentTotals } from './components/component-totals.ts';
import { OmittedKeys } from './omitted-keys.ts';
import { OperationTotals } from './operation-totals.ts';
import type { RecorderBudgets } from './recorder-budgets.ts';

export const maxOperations = 20_000;

export class OperationCatalog {
  readonly byKey = new Map<string, OperationTotals>();
  readonly #budgets: RecorderBudgets;
  readonly #omitted = new OmittedKeys();
  /** The first function of each name in each file. */
  readonly #firstOfName = new Map<string, OperationTotals>();

  constructor(budgets: RecorderBudgets) {
    this.#budgets = budgets;
  }

  /** Number of distinct operations beyond the limit. */
  get omitted(): number {
    return this.#omitted.count;
  }

  /** Returns the operation with this definition, or undefined if it is beyond the limit. */
  define(definition: Definition, component: ComponentTotals): OperationTotals | undefined {
    const key = keyOf(definition);
    const existing = this.byKey.get(key);
    if (existing) return existing;
    const { name, file } = definition;
    if (this.byKey.size >= maxOperations || !this.#budgets.operations.takeEntry(key, name, file)) {
      this.#omitted.add(key);
      return undefined;
    }
    const operation = new OperationTotals(definition, component, this.#budgets);
    this.byKey.set(key, operation);
    this.#addPlaces(operation);
    return operation;
  }

  /** Adds their places to the names of functions if a file has several of one name, whichever was reported first. */
  #addPlaces(operation: OperationTotals): void {
    const { component, name, kind, file, line } = operation.definition;
    if (kind !== 'function' || file === undefined || line === undefined) return;
    const nameKey = [component, name, file].join('\0');
    const first = this.#firstOfName.get(nameKey);
    if (!first) {
      if (this.#budgets.operations.takeEntry(nameKey)) this.#firstOfName.set(nameKey, operation);
      return;
    }
    first.rename(withPlace(name, file, first.definition.line));
    operation.rename(withPlace(name, file, line));
  }
}

/** Returns a name such as `run (b.js:9)`. */
function withPlace(name: string, file: string, line: number | undefined): string {
  return `${name} (${file.split(/[\\/]/).at(-1)}:${line})`;
}

/** Identifies an operation across all sources. Functions with the same name in two places are two operations. */
function keyOf({ component, name, kind, file, line }: Definition): string {
  return [component, name, ...(kind === 'function' && file !== undefined ? [file, `${line ?? ''}`] : [])].join('\0');
}
