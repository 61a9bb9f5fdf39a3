/** Measures the overhead of the probe on a program for which V8 compiles code all the time: the TypeScript compiler. */
import { cpSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { guestPackages } from '../fixtures/guest-tools.ts';
import type { Figure } from './figure.ts';
import { measureOverheadFigure } from './overhead.ts';

const packages = resolve(import.meta.dirname, '../../node_modules');
const typescript = join(guestPackages, 'typescript/lib/typescript.js');

/** Checked JavaScript: together about 15 s of work. */
const checked: readonly (readonly [name: string, path: string])[] = [
  ['eslint', join(packages, 'eslint/lib')],
  ['mocha', join(packages, 'mocha/lib')],
  ['acorn', join(packages, 'acorn/dist')],
  ...['core', 'traverse', 'types', 'parser', 'generator'].map(
    (name) => [name, join(guestPackages, '@babel', name, 'lib')] as const,
  ),
  ['typescript.js', typescript],
];

const script = `const ts = require(${JSON.stringify(typescript)});
const files = ts.sys.readDirectory('tree', ['.js']);
const options = { noEmit: true, allowJs: true, checkJs: true, strict: true, skipLibCheck: true, types: [], maxNodeModuleJsDepth: 0 };
const program = ts.createProgram(files, { ...options, target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.CommonJS });
console.log(ts.getPreEmitDiagnostics(program).length);
`;

/** Three programs of 15 s in each round: the median of five pairs takes four minutes. */
const runs = 5;
const maxRatio = 1.02;

export async function compiler(): Promise<Figure[]> {
  return [
    await measureOverheadFigure('zero-code probe, the TypeScript compiler for 15 s', {
      prepare: (folder) => {
        for (const [name, path] of checked) cpSync(path, join(folder, 'tree', name), { recursive: true });
        writeFileSync(join(folder, 'check.cjs'), script);
      },
      argv: [process.execPath, 'check.cjs'],
      runs,
      maxRatio,
    }),
  ];
}
