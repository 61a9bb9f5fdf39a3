import { isContext, runInContext } from 'node:vm';
import type { CallTimer } from './counting/call-timer.ts';
import type { SourceEdits } from './syntax/source-edits.ts';
import { timerName } from './timer-name.ts';

export interface InstrumentedText {
  readonly original: string;
  readonly code: string;
  readonly edits: SourceEdits;
}

/**
 * Makes `Function.prototype.toString` return the original text. Programs send function texts to other realms, such as
 * browsers, where there is no timer.
 */
export function hideInstrumentation(
  texts: readonly InstrumentedText[],
  prototype: { toString(): string } = Function.prototype,
): void {
  const proxy = new Proxy(prototype.toString, {
    apply: (target, self: unknown, parameters: []) => {
      const text = Reflect.apply(target, self === proxy ? target : self, parameters);
      return text.includes(timerName) ? originalText(text, texts) : text;
    },
  });
  Object.defineProperty(prototype, 'toString', { value: proxy, writable: true, configurable: true });
}

/** Defines the timer as a global variable of a context. Returns false if that is not possible. */
export function shareTimer(context: object, timer: CallTimer, texts: readonly InstrumentedText[]): boolean {
  try {
    if (!isContext(context)) return false;
    Object.defineProperty(context, timerName, { value: timer });
    hideInstrumentation(texts, runInContext('Function.prototype', context));
    return runInContext(`typeof ${timerName}`, context) === 'object';
  } catch {
    return false;
  }
}

function originalText(text: string, texts: readonly InstrumentedText[]): string {
  for (const { code, original, edits } of texts) {
    const start = code.indexOf(text);
    if (start >= 0) return original.slice(edits.originalOffset(start), edits.originalOffset(start + text.length));
  }
  return text;
}
