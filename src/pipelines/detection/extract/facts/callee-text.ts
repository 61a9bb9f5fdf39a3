/**
 * Callee texts: expressions reduced to the names and steps that lead to their value.
 *
 * Examples: `a.b().c`, `xs[].run`, `new Widget().draw`, `(as Widget).draw` for a value of a known type, and `?` for any
 * other value.
 */

/** A name, or one of `()` call, `[]` index, `new()` construction, `(as T)` value of type T, `?` unknown. */
export type CalleeStep = string;

const stepPattern = /\(as [^)]*\)|\(\)|\[\]|[^.()[\]]+/g;

export function parseCallee(text: string): CalleeStep[] {
  const isConstruction = text.startsWith('new ');
  const steps = (isConstruction ? text.slice(4) : text).match(stepPattern) ?? ['?'];
  if (isConstruction) {
    const call = steps.indexOf('()');
    if (call >= 0) steps[call] = 'new()';
  }
  return steps;
}

export function formatCallee(steps: readonly CalleeStep[]): string {
  let text = '';
  for (const step of steps) {
    if (step === 'new()') text = text.includes('(') ? '?' : `new ${text}()`;
    else if (step === '()' || step === '[]') text += step;
    else text += text === '' ? step : `.${step}`;
  }
  return text;
}

export function isName(step: CalleeStep | undefined): step is string {
  return step !== undefined && step !== '?' && !step.endsWith(')') && step !== '[]';
}

/** Returns the type of an `(as T)` step, and undefined for any other step. */
export function castTypeOf(step: CalleeStep): string | undefined {
  return step.startsWith('(as ') ? step.slice(4, -1) : undefined;
}

/** Matches names joined by dots, whose callee text is the source text itself. */
export const plainNamePattern = /^[\w$]+(?:\.#?[\w$]+)*$/;
