import { packagePrefixes } from '../code/path-owner.ts';

/** Component of the profiler's own code in a program. Its cost is reported by itself, so its rows are ranked last. */
export const profilerComponent = '(pipescope)';

/** Returns true for a component that is a package of npm or PyPI. */
export function isPackage(name: string): boolean {
  return packagePrefixes.some((prefix) => name.startsWith(prefix));
}

/** Returns true for a component of code that is not the user's: a package, or an owner such as `(node)` and `(native)`. */
export function isForeignComponent(name: string): boolean {
  return isPackage(name) || /^\([^()]+\)$/.test(name);
}
