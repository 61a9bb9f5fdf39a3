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

/** Number of characters from the start of a declared function to its name. */
const keywordLengths = ['function ', 'function*', 'async function ', 'async function*'].map((text) => text.length);

/**
 * Returns the name that a function had before minification, or undefined if the source map does not have it or it is the
 * same. The position is that of the parameters, as the inspector reports it, or of the keyword, as stack traces have it,
 * while maps have names at the identifier.
 */
export function findOriginalName(
  map: TraceMap,
  line: number,
  column: number,
  functionName: string,
): string | undefined {
  const identifier = functionName.split(/[. ]/).at(-1) ?? '';
  if (identifier === '') return undefined;
  const position = traceSegment(map, line, column);
  if (!position || position.length === 1) return undefined;
  const declaredName = findDeclaredName(map, line, column, identifier);
  if (declaredName !== undefined) return declaredName;
  for (const gap of new Set(gaps)) {
    const start = column - gap - identifier.length;
    const segment = start < 0 ? undefined : traceSegment(map, line, start);
    // A name on another line belongs to the code in front of the function.
    if (segment?.length !== 5 || segment[0] !== start || segment[2] !== position[2]) continue;
    const name = map.names[segment[4]];
    if (isOriginal(name, identifier)) return name;
  }
  return undefined;
}

/** Returns the original name of a function whose keyword is at the position. Both names follow the keyword directly. */
function findDeclaredName(map: TraceMap, line: number, column: number, identifier: string): string | undefined {
  const keyword = traceSegment(map, line, column);
  if (keyword?.[0] !== column || keyword.length === 1) return undefined;
  for (const length of keywordLengths) {
    const segment = traceSegment(map, line, column + length);
    if (segment?.length !== 5 || segment[0] !== column + length) continue;
    const name = map.names[segment[4]];
    // Between the keyword and the name, the original may have more spaces.
    const distance = segment[2] === keyword[2] ? segment[3] - keyword[3] - length : -1;
    if (distance >= 0 && distance <= 2 && isOriginal(name, identifier)) return name;
  }
  return undefined;
}

function isOriginal(name: string | undefined, identifier: string): name is string {
  return typeof name === 'string' && name !== '' && name !== identifier && name.length <= maxNameLength;
}
