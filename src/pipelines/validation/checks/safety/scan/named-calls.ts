/** Finds the calls at a line and resolves the imported names of their callees. */
import type { Call, Facts } from '../../../../detection/extract/facts.ts';

interface NamedCall {
  readonly call: Call;
  /** Name with the module it was imported from, such as `pickle.loads`, or as written if it was not imported. */
  readonly name: string;
}

/** Returns the calls whose source range overlaps a line. */
export function findCallsAt(facts: Facts, line: number, text: string): NamedCall[] {
  const start = lineOffset(text, line);
  const end = lineOffset(text, line + 1);
  return facts.calls
    .filter((call) => call[0] < end && call[1] > start)
    .flatMap((call) => {
      const name = resolveCalleeName(facts, call);
      return name === undefined ? [] : [{ call, name }];
    });
}

function lineOffset(text: string, line: number): number {
  let offset = 0;
  for (let remaining = line - 1; remaining > 0; remaining--) {
    const lineEnd = text.indexOf('\n', offset);
    if (lineEnd < 0) return text.length;
    offset = lineEnd + 1;
  }
  return offset;
}

/** Returns undefined if the name is defined in the file itself, or if it cannot be resolved. */
function resolveCalleeName(facts: Facts, [, , , , scope, callee]: Call): string | undefined {
  const text = facts.callees[callee] ?? '?';
  const [first = '?', ...rest] = text.split('.');
  if (!/^[\w$]+$/.test(first)) return undefined;
  for (let index = scope; index >= 0; index = facts.scopes[index]?.parent ?? -1) {
    // Names bound in a class body are not visible in its methods.
    if (index !== scope && facts.scopes[index]?.kind === 'class') continue;
    const binding = facts.scopes[index]?.names.find(([name]) => name === first)?.[1];
    if (!binding) continue;
    if (!('from' in binding)) return undefined;
    return [binding.from, ...(binding.name === '*' ? [] : [binding.name]), ...rest].join('.');
  }
  return text;
}
