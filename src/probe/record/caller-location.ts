/** Finds the source line that called us, through source maps where Node has them, once for each operation. */
import { findSourceMap } from 'node:module';
import { fileURLToPath } from 'node:url';

export interface Place {
  readonly file: string;
  readonly line: number;
}

/** Place of the caller of `api`, or nothing where it cannot be told. Never throws. */
export function placeOfCaller(api: (...parameters: never[]) => unknown): Place | undefined {
  const prepare = Error.prepareStackTrace;
  const limit = Error.stackTraceLimit;
  try {
    Error.stackTraceLimit = 1;
    Error.prepareStackTrace = (_error, frames) => frames[0];
    const holder: { stack?: unknown } = {};
    Error.captureStackTrace(holder, api);
    const frame = holder.stack as NodeJS.CallSite | undefined;
    Error.prepareStackTrace = prepare;
    return frame && placeOf(frame);
  } catch {
    return undefined;
  } finally {
    Error.prepareStackTrace = prepare;
    Error.stackTraceLimit = limit;
  }
}

function placeOf(frame: NodeJS.CallSite): Place | undefined {
  const name = frame.getFileName();
  const line = frame.getLineNumber();
  if (!name || !line || name.startsWith('node:')) return undefined;
  const file = pathOf(name);
  const origin = (findSourceMap(file) ?? findSourceMap(name))?.findOrigin(line, frame.getColumnNumber() ?? 1);
  if (origin && 'fileName' in origin) return { file: pathOf(origin.fileName), line: origin.lineNumber };
  return { file, line };
}

function pathOf(name: string): string {
  return name.startsWith('file:') ? fileURLToPath(name) : name;
}
