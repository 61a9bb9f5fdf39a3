import { type TraceMap, traceSegment } from '@jridgewell/trace-mapping';

const maxNameLength = 200;
/** Number of characters between the end of a function's name and its parameters, by how the function is written. */
const gaps = [
  '',
  '=',
  ':',
  ' = ',
  ': ',
  ' ',
  '=function',
  '=async ',
  ' = async ',
  ':function',
  ' = function ',
  '=async function',
].map((text) => text.length);

/**
 * Returns the name that a function had before minification, or undefined if the source map does not have it or it is the
 * same. The position is that of the parameters, as the inspector reports it, while maps have names at the identifier.
 */
export function findOriginalName(
  map: TraceMap,
  line: number,
  column: number,
  functionName: string,
): string | undefined {
  const identifier = functionName.split(/[. ]/).at(-1) ?? '';
  if (identifier === '') return undefined;
  for (const gap of new Set(gaps)) {
    const start = column - gap - identifier.length;
    const segment = start < 0 ? undefined : traceSegment(map, line, start);
    if (segment?.length !== 5 || segment[0] !== start) continue;
    const name = map.names[segment[4]];
    if (typeof name === 'string' && name !== '' && name !== identifier && name.length <= maxNameLength) return name;
  }
  return undefined;
}
