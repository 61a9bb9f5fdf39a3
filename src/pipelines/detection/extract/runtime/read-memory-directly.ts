/** Speeds up the exchange of data with the WebAssembly memory of tree-sitter. */

/** The part of the Emscripten module that `web-tree-sitter` is started with and reads nodes with. */
export interface ParserRuntime {
  readonly wasmBinary: Uint8Array;
  getValue?: (address: number, type?: string) => unknown;
  setValue?: (address: number, value: number, type?: string) => void;
  /** Replaced whenever the memory grows. */
  readonly HEAP_DATA_VIEW?: DataView;
}

/**
 * Replaces the accessors of a started parser runtime by ones that decide first on the type that almost all accesses have. Five
 * of them read each syntax node, and the original ones compare several strings each time.
 */
export function readMemoryDirectly(runtime: ParserRuntime): void {
  const { getValue, setValue } = runtime;
  if (!getValue || !setValue || !runtime.HEAP_DATA_VIEW) return;
  runtime.getValue = (address, type) =>
    type === 'i32' ? (runtime.HEAP_DATA_VIEW as DataView).getInt32(address, true) : getValue(address, type);
  runtime.setValue = (address, value, type) => {
    if (type === 'i32') (runtime.HEAP_DATA_VIEW as DataView).setInt32(address, value, true);
    else setValue(address, value, type);
  };
}
