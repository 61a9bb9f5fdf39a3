/** The operations of a run, the same for all of its sources, up to a limit of number and size. */
import type { Definition } from '../../protocol/batch/batch.ts';
import type { ComponentTotals } from './component-totals.ts';
import { OmittedKeys } from './omitted-keys.ts';
import { OperationTotals } from './operation-totals.ts';
import type { RecorderBudgets } from './recorder-budgets.ts';

export const maxOperations = 20_000;

export class OperationCatalog {
  readonly byKey = new Map<string, OperationTotals>();
  readonly #budgets: RecorderBudgets;
  readonly #omitted = new OmittedKeys();
  /** Line of the first function of each name in each file. */
  readonly #firstLines = new Map<string, number>();

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
    const operation = new OperationTotals(this.#withPlace(definition), component, this.#budgets);
    this.byKey.set(key, operation);
    return operation;
  }

  /** Adds the place to the name if the file has another function of the name. */
  #withPlace(definition: Definition): Definition {
    const { component, name, kind, file, line } = definition;
    if (kind !== 'function' || file === undefined || line === undefined) return definition;
    const nameKey = [component, name, file].join('\0');
    const firstLine = this.#firstLines.get(nameKey);
    if (firstLine === undefined && this.#budgets.operations.takeEntry(nameKey)) this.#firstLines.set(nameKey, line);
    if (firstLine === undefined || firstLine === line) return definition;
    return { ...definition, name: `${name} (${file.split(/[\\/]/).at(-1)}:${line})` };
  }
}

/** Identifies an operation across all sources. Functions with the same name in two places are two operations. */
function keyOf({ component, name, kind, file, line }: Definition): string {
  return [component, name, ...(kind === 'function' && file !== undefined ? [file, `${line ?? ''}`] : [])].join('\0');
}
