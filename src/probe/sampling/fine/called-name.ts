/** Returns the part of a function's name by which it is called: without its object, and without `get` and `#`. */
export function calledName(name: string): string {
  return name.split(/[. #]/).at(-1) ?? '';
}
