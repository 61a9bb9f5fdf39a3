import { findSourceMap } from 'node:module';
import { fileURLToPath } from 'node:url';

interface CallerLocation {
  readonly file: string;
  readonly line: number;
}

/**
 * Returns the source line that called `api`, mapped through source maps if Node has loaded them. Returns undefined if the
 * caller has no file. Never throws. Captures a stack, so call it once per operation, not per call.
 */
export function locateCaller(api: (...parameters: never[]) => unknown): CallerLocation | undefined {
  const prepare = Error.prepareStackTrace;
  const limit = Error.stackTraceLimit;
  try {
    Error.stackTraceLimit = 1;
    Error.prepareStackTrace = (_error, frames) => frames[0];
    const holder: { stack?: unknown } = {};
    Error.captureStackTrace(holder, api);
    const frame = holder.stack as NodeJS.CallSite | undefined;
    Error.prepareStackTrace = prepare;
    return frame && locationOf(frame);
  } catch {
    return undefined;
  } finally {
    Error.prepareStackTrace = prepare;
    Error.stackTraceLimit = limit;
  }
}

function locationOf(frame: NodeJS.CallSite): CallerLocation | undefined {
  const name = frame.getFileName();
  const line = frame.getLineNumber();
  if (!name || !line || name.startsWith('node:')) return undefined;
  const file = toPath(name);
  const origin = (findSourceMap(file) ?? findSourceMap(name))?.findOrigin(line, frame.getColumnNumber() ?? 1);
  if (origin && 'fileName' in origin) return { file: toPath(origin.fileName), line: origin.lineNumber };
  return { file, line };
}

function toPath(name: string): string {
  return name.startsWith('file:') ? fileURLToPath(name) : name;
}
