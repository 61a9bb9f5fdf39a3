/** The components of a run, up to a limit. */
import { isPackage } from '../../snapshot/foreign-component.ts';
import type { RecorderBudgets } from '../recorder-budgets.ts';
import { ComponentTotals } from './component-totals.ts';

/** Packages have places of their own, so that they cannot use up those of the program's own components. */
export const componentLimits = { components: 64, packages: 32 } as const;

/** Components of what has no place among the others. */
const otherComponent = 'other';
const otherPackages = 'node_modules/(other packages)';

export class ComponentCatalog {
  readonly byName = new Map<string, ComponentTotals>();
  readonly #budgets: RecorderBudgets;
  #packages = 0;

  constructor(budgets: RecorderBudgets) {
    this.#budgets = budgets;
  }

  /** Returns the component of this name, or the one for what is beyond the limit. */
  find(name: string): ComponentTotals {
    const existing = this.byName.get(name);
    if (existing) return existing;
    const isOfPackages = isPackage(name);
    const hasRoom = isOfPackages
      ? this.#packages < componentLimits.packages
      : this.byName.size - this.#packages < componentLimits.components;
    const other = isOfPackages ? otherPackages : otherComponent;
    return hasRoom || name === other ? this.create(name) : this.find(other);
  }

  create(name: string): ComponentTotals {
    if (isPackage(name)) this.#packages++;
    const component = new ComponentTotals(name, this.#budgets);
    this.byName.set(name, component);
    return component;
  }
}
