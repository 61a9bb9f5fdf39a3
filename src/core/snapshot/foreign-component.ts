/** Returns true for a component of code that is not the user's: a package, or an owner such as `(node)` and `(native)`. */
export function isForeignComponent(name: string): boolean {
  return name.startsWith('node_modules/') || /^\([^()]+\)$/.test(name);
}
