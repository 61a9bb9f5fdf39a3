/** Values that expressions resolve to. */
import type { FileUnit } from './file-unit.ts';

export type ResolvedValue =
  /** A function, a class or another definition itself. */
  | { readonly kind: 'definition'; readonly unit: FileUnit; readonly index: number }
  /** An instance of a class or interface. `above` marks `super`, which only has the members of the base classes. */
  | { readonly kind: 'instance'; readonly unit: FileUnit; readonly index: number; readonly above?: true }
  | { readonly kind: 'module'; readonly unit?: FileUnit; readonly folder?: string }
  /** A value from a module outside of the workspace. All its members and results are external too. */
  | { readonly kind: 'external' }
  /** A value of the language or its runtime. Its results may be values of the workspace. */
  | { readonly kind: 'builtin' };

export type LocatedValue = Extract<ResolvedValue, { readonly unit: FileUnit; readonly index: number }>;

export const external: ResolvedValue = { kind: 'external' };
export const builtin: ResolvedValue = { kind: 'builtin' };
