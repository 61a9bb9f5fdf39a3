/** Tests in Rust, which can be in any file. */
import { blankNonCode, closingBracketEnd, lineAt } from '../../../check/source-code.ts';
import { assertion, type TestDialect, type TestMark, type TestRoutine, type TestSource } from './test-dialect.ts';

const ignorePattern = /#\[\s*(cfg_attr\s*\(.*,\s*ignore\b|ignore\b)[^\]]*\]/g;
const functionPattern =
  /((?:#\[[^\]]*\]\s*)*)(?:pub(?:\s*\([^)]*\))?\s+)?(?:(?:async|unsafe|const|extern)\s+)*\bfn\s+(\w+)([^{;]*)\{/g;
/** Macros without an assertion. Unknown macros may assert something. */
const nonAssertingMacros = new Set(
  'println print eprintln eprint vec format write writeln dbg concat stringify include_str include_bytes env option_env cfg line file column module_path thread_local matches format_args'.split(
    ' ',
  ),
);

function findMarks({ text }: TestSource): TestMark[] {
  const code = blankNonCode(text, 'rust');
  return [...code.matchAll(ignorePattern)].map(({ 1: attribute = '', index }) => ({
    kind: attribute.startsWith('cfg_attr') ? 'sometimes' : 'skipped',
    line: lineAt(code, index),
    label: '#[ignore]',
  }));
}

function findRoutines({ text }: TestSource): TestRoutine[] {
  const code = blankNonCode(text, 'rust');
  return [...code.matchAll(functionPattern)].map(
    ({ 0: head, 1: attributes = '', 2: name = '', 3: signature = '', index }) => {
      const open = index + head.length - 1;
      const body = code.slice(open, closingBracketEnd(code, open));
      const calls = new Set(
        [...body.matchAll(/(\w+)\s*(?:::\s*<[^>]*>\s*)?\(/g)].map(([, called]) => called as string),
      );
      const macros = [...body.matchAll(/(\w+)!\s*[([{]/g)].map(([, macro]) => macro as string);
      return {
        name,
        line: lineAt(code, index + attributes.length),
        // Matches test, tokio::test, test_case, rstest and wasm_bindgen_test.
        isTest: /#\[[\w:]*test\b/.test(attributes) && !/\bignore\b/.test(attributes),
        asserts:
          /\bshould_panic\b/.test(attributes) ||
          signature.includes('->') ||
          /\?[;,).\s]/.test(body) ||
          [...calls].some((called) => called.startsWith('unwrap') || assertion.test(called)) ||
          macros.some((macro) => !nonAssertingMacros.has(macro)),
        calls,
      };
    },
  );
}

export const rust: TestDialect = {
  id: 'rust',
  stack: 'rust',
  extensions: ['rs'],
  testPattern: /#\[[\w:]*test\b/,
  inline: true,
  findMarks,
  findRoutines,
};
