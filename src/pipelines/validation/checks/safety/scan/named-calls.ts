/** Confirms by the detection pipeline's facts that a word in a source is a call of what it looks like. */
import type { Call, Facts } from '../../../../detection/extract/facts.ts';

export interface Named {
  readonly call: Call;
  /** With the module that it was imported from, such as `pickle.loads`; as written where it is nobody's. */
  readonly name: string;
}

/** Calls of a file that begin at or around a line. */
export function callsAt(facts: Facts, line: number, text: string): Named[] {
  const start = offsetOf(text, line);
  const end = offsetOf(text, line + 1);
  return facts.calls
    .filter((call) => call[0] < end && call[1] > start)
    .flatMap((call) => {
      const name = nameOf(facts, call);
      return name === undefined ? [] : [{ call, name }];
    });
}

function offsetOf(text: string, line: number): number {
  let at = 0;
  for (let left = line - 1; left > 0; left--) {
    const next = text.indexOf('\n', at);
    if (next < 0) return text.length;
    at = next + 1;
  }
  return at;
}

/** Nothing where the first name belongs to something that is defined here, or to nothing that can be known. */
function nameOf(facts: Facts, [, , , , scope, callee]: Call): string | undefined {
  const text = facts.callees[callee] ?? '?';
  const [first = '?', ...rest] = text.split('.');
  if (!/^[\w$]+$/.test(first)) return undefined;
  for (let at = scope; at >= 0; at = facts.scopes[at]?.parent ?? -1) {
    // What a class binds is seen in its own body alone, not in its methods.
    if (at !== scope && facts.scopes[at]?.kind === 'class') continue;
    const binding = facts.scopes[at]?.names.find(([name]) => name === first)?.[1];
    if (!binding) continue;
    if (!('from' in binding)) return undefined;
    return [binding.from, ...(binding.name === '*' ? [] : [binding.name]), ...rest].join('.');
  }
  return text;
}
