/** Values that a name gets later, which matter for code that runs at an unknown time, such as nested functions. */
import type { LexicalScope, Variable } from '../facts.ts';

/** Maximum number of assignments to keep. */
const maxLater = 6;

/** Adds an assignment to those that matter for code that runs at an unknown time. */
export function addLater(existing: Variable, variable: Variable): void {
  const draft = existing as { later?: Variable[] };
  draft.later ??= [];
  if (draft.later.length < maxLater) draft.later.push(variable);
}

/** Records that the name of a function, class or import is that of a variable too. */
export function addMeaning({ names }: LexicalScope, scope: number, name: string, variable: Variable): void {
  const index = names.findIndex(([other]) => other === name);
  const existing = names[index]?.[1];
  if (existing && variable.value !== undefined && ('definition' in existing || 'from' in existing))
    names[index] = [name, { scope, branches: [existing, variable] }];
}
