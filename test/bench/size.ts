/** Measures the size of the code loaded at activation, from the bundler's metadata, and of the VSIX package. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Figure, goal } from './figure.ts';

interface BundleOutput {
  readonly imports: readonly { readonly path: string; readonly kind: string }[];
}

const root = join(import.meta.dirname, '..', '..');

/** Returns the size of an entry point and its static imports in bytes. Dynamic imports are not counted. */
export function activationBytes(entry = 'dist/extension.js'): number {
  const outputs = JSON.parse(readFileSync(join(root, 'out', 'bundles.json'), 'utf8')) as Record<string, BundleOutput>;
  const files = new Set([entry]);
  for (const file of files) {
    for (const { path, kind } of outputs[file]?.imports ?? [])
      if (kind === 'import-statement' && outputs[path]) files.add(path);
  }
  return [...files].reduce((sum, file) => sum + statSync(join(root, file)).size, 0);
}

export function sizes(): Figure[] {
  execFileSync(process.execPath, ['esbuild.config.mjs', '--production'], { cwd: root, stdio: 'ignore' });
  const kilobytes = activationBytes() / 1000;
  const folder = mkdtempSync(join(tmpdir(), 'pipescope-size-'));
  try {
    const file = join(folder, 'pipescope.vsix');
    execFileSync(join(root, 'node_modules/.bin/vsce'), ['package', '--no-dependencies', '-o', file], {
      cwd: root,
      stdio: 'ignore',
    });
    const how = 'production build';
    return [
      { name: 'activation bundle', value: kilobytes, unit: 'KB', ...goal('<', 80, kilobytes), how },
      { name: 'VSIX', value: statSync(file).size / 1000, unit: 'KB', how },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
