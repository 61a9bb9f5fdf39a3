/** Saves the compiler's time if few files are parsed. */
import { setFlagsFromString } from 'node:v8';

/**
 * Lets V8 keep the first machine code of WebAssembly modules that are loaded from now on. By default, it compiles their large parsing
 * functions again to make them faster, which takes longer than parsing several files.
 */
export function parseWithoutOptimizing(): void {
  for (const flag of ['--no-wasm-dynamic-tiering', '--no-wasm-tier-up']) setFlagsFromString(flag);
}
