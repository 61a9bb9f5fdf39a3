/**
 * Callee texts: an expression written down to the names and steps that lead to its value.
 *
 * `a.b().c`, `xs[].run`, `new Widget().draw`, `(as Widget).draw` for a value of known type, `?` for anything else.
 */

/** One step: a name, `()` called, `[]` indexed, `new()` constructed, `(as T)` of type T, `?` not known. */
export type Step = string;

const parts = /\(as [^)]*\)|\(\)|\[\]|[^.()[\]]+/g;

export function stepsOf(text: string): Step[] {
  const constructs = text.startsWith('new ');
  const steps = (constructs ? text.slice(4) : text).match(parts) ?? ['?'];
  if (constructs) {
    const call = steps.indexOf('()');
    if (call >= 0) steps[call] = 'new()';
  }
  return steps;
}

export function textOf(steps: readonly Step[]): string {
  let text = '';
  for (const step of steps) {
    if (step === 'new()') text = text.includes('(') ? '?' : `new ${text}()`;
    else if (step === '()' || step === '[]') text += step;
    else text += text === '' ? step : `.${step}`;
  }
  return text;
}

export function isName(step: Step | undefined): step is string {
  return step !== undefined && step !== '?' && !step.endsWith(')') && step !== '[]';
}

/** Type of an `(as T)` step. */
export function typeOfStep(step: Step): string | undefined {
  return step.startsWith('(as ') ? step.slice(4, -1) : undefined;
}

/** Plain names with dots between them: no look at the tree is needed. */
export const plainName = /^[\w$]+(?:\.#?[\w$]+)*$/;
