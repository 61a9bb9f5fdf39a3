/** Checks which room may import what and which names are forbidden, and proves each time that it read the code. */
import { strict as assert } from 'node:assert';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');

interface Room {
  readonly path: string;
  /** Rooms, packages, and `node:` for Node's built-in modules. */
  readonly mayImport: readonly string[];
}

const parsers = ['web-tree-sitter', '@babel/parser', 'lru-cache', 'ignore'];
/** For validation checks: manifests, lock files, configuration files, and secrets. */
const formats = [
  'jsonc-parser',
  'smol-toml',
  'semver',
  'yaml',
  '@secretlint/core',
  '@secretlint/secretlint-rule-preset-recommend',
];
/** Bundled into the preload, which reads the code that it times and its source maps. */
const bundled = ['acorn', '@jridgewell/trace-mapping'];
/** Bundled, to read `pipescope.json`. */
const readers = ['jsonc-parser', 'valibot'];
/** Bundled, to read and write profiles of other tools. */
const profiles = ['pprof-format'];
/** Bundled, to send the span of a run. */
const telemetry = ['@opentelemetry/api', '@opentelemetry/exporter-trace-otlp-http', '@opentelemetry/resources'];
const rooms: readonly Room[] = [
  { path: 'src/protocol', mayImport: [] },
  { path: 'src/core', mayImport: ['src/protocol', 'hdr-histogram-js', 'simple-statistics'] },
  { path: 'src/process', mayImport: ['src/protocol', 'node:', 'pidusage', 'pidtree'] },
  { path: 'src/probe', mayImport: ['src/protocol', 'node:', ...bundled] },
  { path: 'src/pipelines', mayImport: ['src/protocol', 'src/process', 'src/probe', 'node:', ...parsers, ...formats] },
  {
    path: 'src/node',
    mayImport: ['src/protocol', 'src/core', 'src/process', 'node:', ...telemetry, ...readers, ...profiles],
  },
  { path: 'src/keeper', mayImport: ['src/protocol', 'src/core', 'src/process', 'src/node', 'node:'] },
  { path: 'src/editor', mayImport: ['src/protocol', 'src/core', 'src/node', 'node:', 'vscode'] },
  { path: 'src/extension.ts', mayImport: ['src/protocol', 'src/core', 'src/node', 'src/editor', 'node:', 'vscode'] },
  { path: 'src/cli.ts', mayImport: ['src/protocol', 'src/core', 'src/node', 'node:'] },
  { path: 'webview', mayImport: ['src/protocol', 'src/core', 'preact', '@preact/signals', 'chart.js'] },
];

/** Checked as text in core, because the compiler rejects timers and `process` there but not these. */
const forbiddenInCore = [/\bDate\.now\b/, /\bnew Date\(\s*\)/, /\bMath\.random\b/, /\bperformance\.now\b/];
const forbiddenNames = ['utils', 'util', 'common', 'helpers', 'helper', 'services', 'service', 'managers', 'manager'];

interface File {
  readonly path: string;
  readonly text: string;
}

function readTree(): File[] {
  const paths = ['src', 'webview'].flatMap((folder) => globSync(`${folder}/**/*.{ts,tsx}`, { cwd: root }));
  return paths.map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

const imports =
  /(?:^|\n)\s*(?:import|export)\s[^'"`;]*?from\s*['"]([^'"]+)['"]|(?:^|\n)\s*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/g;

/** Returns what a file imports: rooms, packages and `node:`. */
function importsOf({ path, text }: File): string[] {
  const code = text.replace(/^\s*\/\*[\s\S]*?\*\//gm, '').replace(/(^|\s)\/\/.*$/gm, '');
  return [...code.matchAll(imports)].map((match) => targetOf(path, (match[1] ?? match[2] ?? match[3]) as string));
}

function targetOf(path: string, specifier: string): string {
  if (specifier.startsWith('node:')) return 'node:';
  if (specifier.startsWith('.')) return roomOf(relative(root, resolve(root, dirname(path), specifier))) ?? specifier;
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

function roomOf(path: string): string | undefined {
  return rooms.find((room) => path === room.path || path.startsWith(`${room.path}/`))?.path;
}

/** Returns every violation in a set of files, as sentences. */
function violationsIn(files: readonly File[]): string[] {
  return files.flatMap((file) => {
    const room = rooms.find(({ path }) => path === roomOf(file.path));
    if (!room) return [`${file.path} is in no room`];
    const forbiddenImports = importsOf(file).filter(
      (target) => target !== room.path && !room.mayImport.includes(target),
    );
    const forbidden = room.path === 'src/core' ? forbiddenInCore.filter((pattern) => pattern.test(file.text)) : [];
    const names = file.path.split(/[/.]/).filter((name) => forbiddenNames.includes(name));
    return [
      ...forbiddenImports.map((target) => `${file.path} imports ${target}`),
      ...forbidden.map((pattern) => `${file.path} uses ${pattern.source}`),
      ...names.map((name) => `${file.path} is named ${name}`),
    ];
  });
}

describe('architecture', () => {
  const files = readTree();

  it('reads every room and finds imports in each room that may import', () => {
    for (const room of rooms) {
      const inside = files.filter((file) => roomOf(file.path) === room.path);
      assert.ok(inside.length > 0, `${room.path} is empty`);
      if (room.mayImport.length > 0)
        assert.ok(
          inside.some((file) => importsOf(file).length > 0),
          room.path,
        );
    }
    assert.ok(files.length > 50);
  });

  it('finds no violation', () => {
    assert.deepEqual(violationsIn(files), []);
  });

  const planted: readonly [string, string, string][] = [
    ['core that imports a node module', 'src/core/x.ts', "import { readFileSync } from 'node:fs';"],
    ['core that imports the node room', 'src/core/x.ts', "import { Session } from '../node/session.ts';"],
    ['core that type-imports the editor', 'src/core/x.ts', "import type { Uri } from 'vscode';"],
    ['core that imports the editor dynamically', 'src/core/x.ts', "const editor = await import('vscode');"],
    ['core that reads the clock', 'src/core/x.ts', 'export const now = () => Date.now();'],
    ['core that uses random numbers', 'src/core/x.ts', 'export const roll = () => Math.random();'],
    ['the node room that imports the editor', 'src/node/x.ts', "import * as vscode from 'vscode';"],
    ['the node room that imports a pipeline', 'src/node/x.ts', "import '../pipelines/detection/detection-main.ts';"],
    ['the node room that imports the probe', 'src/node/x.ts', "export { span } from '../probe/api/api.ts';"],
    [
      'a pipeline that imports core',
      'src/pipelines/x.ts',
      "import { buildSnapshot } from '../core/snapshot/build-snapshot.ts';",
    ],
    ['a probe with a dependency', 'src/probe/x.ts', "import { build } from 'hdr-histogram-js';"],
    [
      'a protocol that imports core',
      'src/protocol/x.ts',
      "import { buildSnapshot } from '../core/snapshot/build-snapshot.ts';",
    ],
    ['a page that imports the node room', 'webview/x.tsx', "import { Session } from '../src/node/session.ts';"],
    ['a room that imports an entry point', 'src/editor/x.ts', "import { activate } from '../extension.ts';"],
    ['the command that imports the editor', 'src/cli.ts', "import * as vscode from 'vscode';"],
    ['a folder named utils', 'src/node/utils/x.ts', 'export {};'],
    ['the node room that imports the keeper', 'src/node/x.ts', "import { Keeper } from '../keeper/keeper.ts';"],
    ['a file outside of all rooms', 'src/other/x.ts', 'export {};'],
  ];
  for (const [what, path, text] of planted) {
    it(`reports ${what}`, () => {
      assert.equal(violationsIn([{ path, text }]).length, 1);
    });
  }

  it('keeps the entry point of the extension short', () => {
    const entry = files.find((file) => file.path === 'src/extension.ts');
    assert.ok(entry && entry.text.split('\n').length <= 120);
  });
});
