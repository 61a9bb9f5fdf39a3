// Builds everything that runs into dist/: one definition per bundle, then the files that are copied unchanged.
import { cpSync, mkdirSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { build, context } from 'esbuild';

const watch = process.argv.includes('--watch');
const production = process.argv.includes('--production');

const common = {
  bundle: true,
  sourcemap: true,
  minify: production,
  metafile: true,
  logLevel: 'warning',
  outdir: 'dist',
  loader: { '.scm': 'text' },
};
const node = {
  ...common,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  // Without "module" first, esbuild takes CommonJS entries and several packages become four times as large.
  mainFields: ['module', 'main'],
  external: ['vscode'],
  // CommonJS packages inside ES modules still call require.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
};

/** Extension, command and keeper share chunks. Code that only a run needs is loaded by the first run. */
const host = {
  ...node,
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  entryPoints: {
    extension: 'src/extension.ts',
    cli: 'src/cli.ts',
    keeper: 'src/keeper/main.ts',
    'end-trees': 'src/keeper/end-trees.ts',
    'node-timer': 'src/node/benchmark/timer/node-timer-main.ts',
    'python-stacks': 'src/probe/python-stacks/stacks-worker.ts',
  },
};
/** The probe API is a single file, because programs import it. */
const probe = { ...node, entryPoints: { probe: 'src/probe/api/api.ts' } };
/**
 * The pipelines and their workers share chunks. These are in the same folder, because some modules find other files relative to
 * their own.
 */
const pipelines = {
  ...node,
  splitting: true,
  chunkNames: 'pipelines/[name]-[hash]',
  entryPoints: {
    'pipelines/detection': 'src/pipelines/detection/detection-main.ts',
    'pipelines/extractor': 'src/pipelines/detection/extract/extractor-worker.ts',
    'pipelines/validation': 'src/pipelines/validation/validation-main.ts',
    'pipelines/scan-worker': 'src/pipelines/validation/checks/safety/scan/scan-worker.ts',
    'pipelines/micro-benchmark': 'src/pipelines/validation/micro-benchmark/micro-benchmark.ts',
    'pipelines/verify': 'src/pipelines/validation/bundle/verify-main.ts',
  },
};
/** Loaded into unmodified programs, in Node 18 and later. Each is a single file. */
const guests = {
  ...common,
  // Without a comment in the code, because Node would read the map and list it in reports of coverage.
  sourcemap: 'external',
  platform: 'node',
  target: 'node18',
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
  // Reports of coverage tools list only scripts whose URL is a file.
  footer: { js: '//# sourceURL=pipescope:guest' },
  entryPoints: {
    'program-thread': 'src/probe/preload/program-thread.ts',
    sampler: 'src/probe/sampling/sampler-thread.ts',
    'remote-thread': 'src/probe/sampling/interrupt/remote-thread.ts',
    attach: 'src/probe/attach/attach.ts',
    wrap: 'src/probe/exact/instrument.ts',
    outline: 'src/probe/sampling/fine/source-outline.ts',
  },
};
/** Read by any version of Node, which then loads the guests or steps aside. */
const preload = { ...guests, target: ['es2015', 'node8'], entryPoints: { preload: 'src/probe/preload/preload.ts' } };
const page = {
  ...common,
  platform: 'browser',
  target: 'es2022',
  format: 'iife',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  entryPoints: { 'webview/main': 'webview/main.tsx' },
};

const grammars = ['typescript', 'tsx', 'javascript', 'python'];

/** The tests build these alone. */
export const guestBundles = [guests, preload];
const bundles = [host, probe, pipelines, ...guestBundles, page];

// Not if it is imported.
if (realpathSync(process.argv[1] ?? '.') === import.meta.filename) {
  if (!watch) rmSync('dist', { recursive: true, force: true });
  mkdirSync('dist/grammars', { recursive: true });
  for (const grammar of grammars) {
    cpSync(`node_modules/@vscode/tree-sitter-wasm/wasm/tree-sitter-${grammar}.wasm`, `dist/grammars/${grammar}.wasm`);
  }
  cpSync('src/pipelines/detection/extract/queries', 'dist/pipelines/queries', { recursive: true });
  cpSync('node_modules/web-tree-sitter/web-tree-sitter.wasm', 'dist/grammars/web-tree-sitter.wasm');
  cpSync('src/node/benchmark/timer/process-timer.py', 'dist/process-timer.py');
  cpSync('src/probe/python', 'dist/python', { recursive: true, filter: (file) => !file.includes('__pycache__') });

  if (watch) {
    for (const bundle of bundles) await (await context(bundle)).watch();
  } else {
    const results = await Promise.all(bundles.map((bundle) => build(bundle)));
    const outputs = Object.assign({}, ...results.map((result) => result.metafile.outputs));
    mkdirSync('out', { recursive: true });
    writeFileSync('out/bundles.json', JSON.stringify(outputs, null, 1));
    for (const file of Object.keys(outputs)
      .filter((name) => /\.c?js$/.test(name))
      .sort()) {
      console.log(`${(statSync(file).size / 1024).toFixed(1).padStart(8)} KB  ${file}`);
    }
  }
}
