/** What the host may ask of a probe or a built-in pipeline while it runs. */
import { isListOf, isRecord, isText } from './guard.ts';

export type Control =
  /** End early and in order: what is known is written and sent first. */
  | { readonly type: 'stop' }
  /** Send what has changed now. */
  | { readonly type: 'flush' }
  /** Workspace files that have changed, relative with `/`. */
  | { readonly type: 'changed'; readonly files: readonly string[] };

export function isControl(value: unknown): value is Control {
  if (!isRecord(value)) return false;
  if (value['type'] === 'changed') return isListOf(value['files'], isText, 100_000);
  return value['type'] === 'stop' || value['type'] === 'flush';
}
