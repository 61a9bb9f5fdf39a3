/** Tests of Go: its own package, and Ginkgo's words. */
import { closeOf, codeOf, lineAt } from '../../../check/source-code.ts';
import { assertion, type Dialect, type Mark, type Routine, type TestSource } from './test-dialect.ts';

const routine = /^func\s+(?:\([^)]*\)\s*)?(\w+)\s*(?:\[[^\]]*\])?\(([^)]*)\)[^{\n]*\{/gm;
const skip = /\b(\w+\.(?:Skip|Skipf|SkipNow))\(/g;
/** Words of github.com/onsi/ginkgo. */
const ginkgo = /\b([FPX])(?:It|Specify|Describe|DescribeTable|DescribeTableSubtree|Context|When|Entry)\(/g;

interface Body {
  readonly name: string;
  readonly given: string;
  readonly start: number;
  readonly open: number;
  readonly end: number;
}

function bodiesOf(code: string): Body[] {
  return [...code.matchAll(routine)].map(({ 0: whole, 1: name = '', 2: given = '', index }) => {
    const open = index + whole.length - 1;
    return { name, given, start: index, open, end: closeOf(code, open) };
  });
}

function marks({ text }: TestSource): Mark[] {
  const code = codeOf(text, 'go');
  const bodies = bodiesOf(code);
  const found: Mark[] = [];
  for (const { 1: words = '', index } of code.matchAll(skip)) {
    const body = bodies.find(({ open, end }) => open < index && index < end);
    if (!body || !/\*testing\.|\bTB\b/.test(body.given)) continue;
    found.push({ kind: isTop(code, body, index) ? 'skipped' : 'sometimes', line: lineAt(code, index), words });
  }
  if (!text.includes('/onsi/ginkgo')) return found;
  for (const { 0: whole, 1: how, index } of code.matchAll(ginkgo)) {
    const kind = how === 'F' ? 'focused' : 'skipped';
    found.push({ kind, line: lineAt(code, index), words: whole.slice(0, -1) });
  }
  return found.sort((a, b) => a.line - b.line);
}

/** The place is a statement of the function itself, not of a branch, a loop or a function inside. */
function isTop(code: string, { open }: Body, at: number): boolean {
  let depth = 0;
  for (let index = open; index < at; index++) {
    if (code[index] === '{') depth++;
    else if (code[index] === '}') depth--;
  }
  return depth === 1;
}

function routines({ text }: TestSource): Routine[] {
  const code = codeOf(text, 'go');
  return bodiesOf(code).map(({ name, given, start, open, end }) => {
    const body = code.slice(open, end);
    const calls = new Set([...body.matchAll(/(\w+)\s*(?:\[[^\]]*\])?\(/g)].map(([, called]) => called as string));
    return {
      name,
      line: lineAt(code, start),
      test: /^Test(?![a-z])/.test(name) && /\*testing\.T\b/.test(given) && !/\.Skip(?:f|Now)?\(/.test(body),
      asserts:
        /\.(?:Error|Errorf|Fatal|Fatalf|Fail|FailNow)\(|\bpanic\(|[(,]\s*(?:t|tb|c|b)\s*[,)]|Ω\(/.test(body) ||
        [...calls].some((called) => assertion.test(called)) ||
        /\b(?:assert|require|is|qt|check)\.\w+\(/.test(body),
      calls,
    };
  });
}

export const go: Dialect = {
  id: 'go',
  stack: 'go',
  extensions: ['go'],
  holds: /^func\s+(?:Test|Benchmark|Example|Fuzz)|\bRunSpecs\(|\bDescribe\(/m,
  marks,
  routines,
};
