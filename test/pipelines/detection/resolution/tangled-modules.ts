/** Random projects whose modules import, extend, re-export and call each other in cycles. */
import fc from 'fast-check';

/** Content of one module. Numbers refer to modules, whether or not they exist. */
export interface TangledModule {
  readonly language: 'ts' | 'py';
  /** Modules that are used in expressions. */
  readonly uses: readonly [number, number, number];
  readonly base: number;
  readonly star: number | undefined;
  readonly method: 'alpha' | 'beta' | 'gamma';
  readonly hasFunction: boolean;
  readonly isTyped: boolean;
}

/** Modules by number. A missing module has been deleted. */
export type TangledProject = ReadonlyMap<number, TangledModule>;

const moduleNumber = (size: number): fc.Arbitrary<number> => fc.nat(size - 1);

function tangledModule(size: number, language: TangledModule['language']): fc.Arbitrary<TangledModule> {
  const number = moduleNumber(size);
  return fc.record({
    language: fc.constant(language),
    uses: fc.tuple(number, number, number),
    base: number,
    star: fc.option(number, { nil: undefined }),
    method: fc.constantFrom('alpha' as const, 'beta' as const, 'gamma' as const),
    hasFunction: fc.boolean().map((value) => value || size > 12),
    isTyped: fc.boolean(),
  });
}

/** One edit: the new content of a module, or undefined if it is deleted. */
export type TangledEdit = readonly [number: number, content: TangledModule | undefined];

export interface TangledHistory {
  readonly project: TangledProject;
  /** Edits of one or more files at a time. */
  readonly edits: readonly (readonly TangledEdit[])[];
}

/** @param size number of modules */
export function tangledHistory(size: number, maxEdits: number): fc.Arbitrary<TangledHistory> {
  return fc.constantFrom('ts' as const, 'py' as const).chain((language) => {
    const content = tangledModule(size, language);
    const edit = fc.tuple(moduleNumber(size), fc.option(content, { nil: undefined, freq: 5 }));
    return fc.record({
      project: fc
        .array(content, { minLength: size, maxLength: size })
        .map((modules) => new Map(modules.entries()) as TangledProject),
      edits: fc.array(fc.array(edit, { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: maxEdits }),
    });
  });
}

export function fileNameOf(number: number, { language }: TangledModule): string {
  return `m${number}.${language}`;
}

export function sourceOf(number: number, content: TangledModule): string {
  return content.language === 'ts' ? scriptOf(number, content) : pythonOf(number, content);
}

function scriptOf(
  number: number,
  { uses: [a, b, c], base, star, method, hasFunction, isTyped }: TangledModule,
): string {
  return [
    `import { C${a}, f${a}, v${a}, h${a} } from './m${a}';`,
    `import { C${base} as Base } from './m${base}';`,
    `import * as space from './m${b}';`,
    ...(star === undefined ? [] : [`export * from './m${star}';`]),
    `export { f${c} as g${number}, h${c} } from './m${c}';`,
    `export class C${number} extends Base {`,
    `  field = f${a}(this);`,
    `  own()${isTyped ? `: C${a}` : ''} { return this.field.own() ?? super.own(); }`,
    `  ${method}() { return this.own().${method}(); }`,
    `  chain() { return this.alpha().beta().gamma(); }`,
    '}',
    ...(hasFunction
      ? [`export function f${number}(x) { return x ? f${a}(x.own()) : new space.C${b}().own().chain(); }`]
      : []),
    `export const v${number} = Math.random() ? space.v${b}.own() : f${a}(v${a}) ?? new C${number}();`,
    `export const h${number} = () => v${number}.field.chain() ?? space.f${b}(h${a}());`,
    `v${number}.own().chain(); unknown.${method}(); space.g${b}(v${a}).own(); h${number}().${method}(); new C${a}().field.own();`,
    '',
  ].join('\n');
}

function pythonOf(
  number: number,
  { uses: [a, b, c], base, star, method, hasFunction, isTyped }: TangledModule,
): string {
  return [
    `from m${a} import C${a}, f${a}, v${a}, h${a}`,
    `from m${base} import C${base} as Base`,
    `import m${b}`,
    ...(star === undefined ? [] : [`from m${star} import *`]),
    `from m${c} import f${c} as g${number}, h${c}`,
    `class C${number}(Base):`,
    '    def __init__(self):',
    `        self.field = f${a}(self)`,
    `    def own(self)${isTyped ? ` -> C${a}` : ''}:`,
    '        return self.field.own() or super().own()',
    `    def ${method}(self):`,
    `        return self.own().${method}()`,
    '    def chain(self):',
    '        return self.alpha().beta().gamma()',
    ...(hasFunction
      ? [`def f${number}(x):`, `    return f${a}(x.own()) if x else m${b}.C${b}().own().chain()`]
      : ['pass']),
    `v${number} = m${b}.v${b}.own() or f${a}(v${a}) or C${number}()`,
    `def h${number}():`,
    `    return v${number}.field.chain() or m${b}.f${b}(h${a}())`,
    `v${number}.own().chain()`,
    `unknown.${method}()`,
    `m${b}.g${b}(v${a}).own()`,
    `h${number}().${method}()`,
    `C${a}().field.own()`,
    '',
  ].join('\n');
}
