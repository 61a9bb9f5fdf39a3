/** Returns the component of a function in a profile of another tool, by the path or URL of its file. */
export function componentOf(file: string | undefined): string {
  if (file === undefined || file === '') return '(native)';
  if (file.startsWith('node:')) return '(node)';
  const path = file.replaceAll('\\', '/');
  const inPackage = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1];
  if (inPackage) return `node_modules/${inPackage}`;
  return path.slice(0, Math.max(0, path.lastIndexOf('/'))) || '.';
}
