/** The part of Vitest's state that holds the source map of a module, which newer versions keep apart from the code. */
interface RunnerState {
  readonly evaluatedModules?: {
    readonly getModuleById?: (id: string) => { readonly meta?: { readonly sourceMap?: unknown } } | undefined;
  };
}

const stateName = '__vitest_worker__';

/** Returns the source map of a module that Vitest is about to run as a data URL, or undefined. */
export function findRunnerSourceMap(id: string, globals: readonly object[]): string | undefined {
  for (const holder of globals) {
    try {
      const state = Reflect.get(holder, stateName) as RunnerState | undefined;
      const map = state?.evaluatedModules?.getModuleById?.(id)?.meta?.sourceMap;
      if (typeof map === 'string') return `data:application/json;base64,${Buffer.from(map).toString('base64')}`;
    } catch {
      // Another program uses this name for something else.
    }
  }
  return undefined;
}
