interface OwnerRow {
  readonly pattern: RegExp;
  /** Returns the component of a file with the text that the pattern has captured. */
  readonly component: (captured: string) => string;
}

/** Prefixes of the components that are packages. */
export const packagePrefixes = ['node_modules/', 'site-packages/'] as const;

/**
 * Owners of files that are not the user's code. The innermost folder of packages decides, because pnpm, Yarn and others nest
 * these folders.
 */
const owners: readonly OwnerRow[] = [
  { pattern: /.*(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)/s, component: (name) => `node_modules/${name}` },
  {
    // Debian calls the folder `dist-packages`. A package can be a single file.
    pattern: /.*(?:^|\/)(?:site|dist)-packages\/([^/]+)/s,
    component: (name) => `site-packages/${name.split('.')[0]}`,
  },
  { pattern: /^node:/, component: () => '(node)' },
  { pattern: /^wasm:/, component: () => '(wasm)' },
  { pattern: /^<frozen /, component: () => '(python)' },
  { pattern: /^\/.*\/(?:lib|lib64)\/python3(?:\.\d+t?)?\//, component: () => '(python)' },
  { pattern: /^[a-z]:\/.*\/?python3\d+\/lib\//i, component: () => '(python)' },
  { pattern: /^<[^>]*>$/, component: () => '(generated code)' },
];

/** Returns the component of a file that belongs to a package or to the runtime; undefined for all other files. */
export function ownerOfPath(file: string): string | undefined {
  const path = file.replaceAll('\\', '/');
  for (const { pattern, component } of owners) {
    const match = pattern.exec(path);
    if (match) return component(match[1] ?? '');
  }
  return undefined;
}
