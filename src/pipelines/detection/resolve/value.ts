/** What an expression stands for, as far as the facts tell. */
import type { Unit } from './unit.ts';

export type Value =
  /** A function, or a class itself. */
  | { readonly kind: 'definition'; readonly unit: Unit; readonly index: number }
  /** A value of a class or interface; `above`: only what its bases give it. */
  | { readonly kind: 'instance'; readonly unit: Unit; readonly index: number; readonly above?: true }
  | { readonly kind: 'module'; readonly unit?: Unit; readonly folder?: string }
  /** Of a module outside the workspace, as is all that it leads to. */
  | { readonly kind: 'external' }
  /** Of the language or its runtime: what it gives back may be the workspace's own. */
  | { readonly kind: 'builtin' };

export type Located = Extract<Value, { readonly unit: Unit; readonly index: number }>;

export const external: Value = { kind: 'external' };
export const builtin: Value = { kind: 'builtin' };
