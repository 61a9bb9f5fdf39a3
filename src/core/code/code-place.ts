import type { CodeKind } from '../../protocol/code-times.ts';
import { profilerComponent } from '../snapshot/foreign-component.ts';
import { ownerOfPath, packagePrefixes } from './path-owner.ts';

/** Component of functions whose probe knows no components, in all languages. The host finds the component by the file. */
export const unassignedComponent = 'functions';

/** File, package or part of the runtime that a function belongs to. */
export interface CodePlace {
  readonly kind: CodeKind;
  /** Path with `/`, name of the package, or name of the runtime. */
  readonly name: string;
  /** True for a name of `pipescope.json`, which is not a path. */
  readonly isNamed?: true;
}

/** Names of the runtime's parts, by component. */
const runtimes: Readonly<Record<string, string>> = {
  '(node)': 'Node.js',
  '(native)': 'Node.js',
  '(program)': 'Node.js',
  '(python)': 'Python',
  '(garbage collector)': 'garbage collector',
};

const others: Readonly<Record<string, string>> = {
  '(elsewhere)': 'outside the workspace',
  '(outside the workspace)': 'outside the workspace',
  '(wasm)': 'WebAssembly',
};

/**
 * Returns the place of a function, or undefined for the profiler's own code.
 *
 * @param isNamed true if `pipescope.json` defines the component
 */
export function codePlaceOf(
  { component, file }: { readonly component: string; readonly file?: string | undefined },
  isNamed = false,
): CodePlace | undefined {
  if (component === profilerComponent) return undefined;
  if (isNamed) return { kind: 'workspace', name: component, isNamed: true };
  if (/^\([^()]+\)$/.test(component)) return ownerPlace(component);
  const owner = ownerOfPath(file ?? component);
  if (owner !== undefined) return ownerPlace(owner);
  if (file === undefined) return { kind: 'other', name: component };
  return { kind: 'workspace', name: file.replaceAll('\\', '/') };
}

function ownerPlace(component: string): CodePlace {
  const prefix = packagePrefixes.find((candidate) => component.startsWith(candidate));
  if (prefix) return { kind: 'package', name: component.slice(prefix.length) };
  const runtime = runtimes[component];
  if (runtime !== undefined) return { kind: 'runtime', name: runtime };
  return { kind: 'other', name: others[component] ?? component.slice(1, -1) };
}
