/** Tests of Rust, which stand in any file. */
import { closeOf, codeOf, lineAt } from '../../../check/source-code.ts';
import { assertion, type Dialect, type Mark, type Routine, type TestSource } from './test-dialect.ts';

const ignored = /#\[\s*(cfg_attr\s*\(.*,\s*ignore\b|ignore\b)[^\]]*\]/g;
const routine =
  /((?:#\[[^\]]*\]\s*)*)(?:pub(?:\s*\([^)]*\))?\s+)?(?:(?:async|unsafe|const|extern)\s+)*\bfn\s+(\w+)([^{;]*)\{/g;
/** Macros that assert nothing; one that is not known may. */
const harmless = new Set(
  'println print eprintln eprint vec format write writeln dbg concat stringify include_str include_bytes env option_env cfg line file column module_path thread_local matches format_args'.split(
    ' ',
  ),
);

function marks({ text }: TestSource): Mark[] {
  const code = codeOf(text, 'rust');
  return [...code.matchAll(ignored)].map(({ 1: how = '', index }) => ({
    kind: how.startsWith('cfg_attr') ? 'sometimes' : 'skipped',
    line: lineAt(code, index),
    words: '#[ignore]',
  }));
}

function routines({ text }: TestSource): Routine[] {
  const code = codeOf(text, 'rust');
  return [...code.matchAll(routine)].map(({ 0: whole, 1: attributes = '', 2: name = '', 3: signature = '', index }) => {
    const open = index + whole.length - 1;
    const body = code.slice(open, closeOf(code, open));
    const calls = new Set([...body.matchAll(/(\w+)\s*(?:::\s*<[^>]*>\s*)?\(/g)].map(([, called]) => called as string));
    const macros = [...body.matchAll(/(\w+)!\s*[([{]/g)].map(([, macro]) => macro as string);
    return {
      name,
      line: lineAt(code, index + attributes.length),
      // test, tokio::test, test_case, rstest, wasm_bindgen_test
      test: /#\[[\w:]*test\b/.test(attributes) && !/\bignore\b/.test(attributes),
      asserts:
        /\bshould_panic\b/.test(attributes) ||
        signature.includes('->') ||
        /\?[;,).\s]/.test(body) ||
        [...calls].some((called) => called.startsWith('unwrap') || assertion.test(called)) ||
        macros.some((macro) => !harmless.has(macro)),
      calls,
    };
  });
}

export const rust: Dialect = {
  id: 'rust',
  stack: 'rust',
  extensions: ['rs'],
  holds: /#\[[\w:]*test\b/,
  inline: true,
  marks,
  routines,
};
