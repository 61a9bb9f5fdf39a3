/** Outcomes of checks per component. They decide a component's light: a failed check is a fact, not a sample of a ratio. */
import { type ValidationState, validationComponent } from '../../protocol/validation/validation-state.ts';

export interface CheckCounts {
  readonly failed: number;
  readonly crashed: number;
  readonly warned: number;
}

const zero: CheckCounts = { failed: 0, crashed: 0, warned: 0 };

/** Counts the checks of each category; the outcome of the whole validation counts as one check of its own component. */
export function checkCounts({ checks, outcome }: ValidationState): ReadonlyMap<string, CheckCounts> {
  const counts = new Map<string, CheckCounts>();
  const add = (component: string, kind: keyof CheckCounts | undefined): void => {
    if (kind === undefined) return;
    const before = counts.get(component) ?? zero;
    counts.set(component, { ...before, [kind]: before[kind] + 1 });
  };
  for (const { category, status, crashed } of checks) {
    add(category, status === 'fail' ? 'failed' : status === 'warn' ? 'warned' : crashed ? 'crashed' : undefined);
  }
  if (outcome?.verdict === 'not_ready') add(validationComponent, 'failed');
  if (outcome?.verdict === 'incomplete') add(validationComponent, 'crashed');
  return counts;
}
