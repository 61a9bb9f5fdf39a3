/** Component of the profiler's own code in a program. Its cost is reported by itself, so its rows are ranked last. */
export const profilerComponent = '(pipescope)';

/** Returns true for a component of code that is not the user's: a package, or an owner such as `(node)` and `(native)`. */
export function isForeignComponent(name: string): boolean {
  return name.startsWith('node_modules/') || /^\([^()]+\)$/.test(name);
}
