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
  try {
    const [frame] = captureFrames(1, api);
    return frame && locationOf(frame);
  } catch {
    return undefined;
  }
}

/** Returns the frames below `callee` on the stack, the innermost first; none if the program has frozen `Error`. */
export function captureFrames(
  maxFrames: number,
  callee: (...parameters: never[]) => unknown,
): readonly NodeJS.CallSite[] {
  const settings = ['prepareStackTrace', 'stackTraceLimit'] as const;
  const previous = settings.map((name) => [name, Object.getOwnPropertyDescriptor(Error, name)] as const);
  try {
    Error.stackTraceLimit = maxFrames;
    Error.prepareStackTrace = (_error, frames) => frames;
    const holder: { stack?: readonly NodeJS.CallSite[] } = {};
    Error.captureStackTrace(holder, callee);
    return holder.stack ?? [];
  } catch {
    return [];
  } finally {
    for (const [name, descriptor] of previous) {
      if (descriptor) Reflect.defineProperty(Error, name, descriptor);
      else Reflect.deleteProperty(Error, name);
    }
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
