/** Tests in Go: the `testing` package and Ginkgo. */
import { blankNonCode, closingBracketEnd, lineAt } from '../../../check/source-code.ts';
import { assertion, type TestDialect, type TestMark, type TestRoutine, type TestSource } from './test-dialect.ts';

const functionPattern = /^func\s+(?:\([^)]*\)\s*)?(\w+)\s*(?:\[[^\]]*\])?\(([^)]*)\)[^{\n]*\{/gm;
const skipPattern = /\b(\w+\.(?:Skip|Skipf|SkipNow))\(/g;
/** Focused (`F…`) and pending (`P…`, `X…`) containers and specs of github.com/onsi/ginkgo. */
const ginkgoPattern = /\b([FPX])(?:It|Specify|Describe|DescribeTable|DescribeTableSubtree|Context|When|Entry)\(/g;

interface GoFunction {
  readonly name: string;
  readonly parameters: string;
  readonly start: number;
  /** Offset of the opening brace. */
  readonly open: number;
  readonly end: number;
}

function findFunctions(code: string): GoFunction[] {
  return [...code.matchAll(functionPattern)].map(({ 0: head, 1: name = '', 2: parameters = '', index }) => {
    const open = index + head.length - 1;
    return { name, parameters, start: index, open, end: closingBracketEnd(code, open) };
  });
}

function findMarks({ text }: TestSource): TestMark[] {
  const code = blankNonCode(text, 'go');
  const functions = findFunctions(code);
  const marks: TestMark[] = [];
  for (const { 1: label = '', index } of code.matchAll(skipPattern)) {
    const caller = functions.find(({ open, end }) => open < index && index < end);
    if (!caller || !/\*testing\.|\bTB\b/.test(caller.parameters)) continue;
    marks.push({ kind: isTopLevel(code, caller, index) ? 'skipped' : 'sometimes', line: lineAt(code, index), label });
  }
  if (!text.includes('/onsi/ginkgo')) return marks;
  for (const { 0: call, 1: prefix, index } of code.matchAll(ginkgoPattern)) {
    const kind = prefix === 'F' ? 'focused' : 'skipped';
    marks.push({ kind, line: lineAt(code, index), label: call.slice(0, -1) });
  }
  return marks.sort((a, b) => a.line - b.line);
}

/** Returns whether an offset is directly in the function body, not in a branch, loop or nested function. */
function isTopLevel(code: string, { open }: GoFunction, offset: number): boolean {
  let depth = 0;
  for (let index = open; index < offset; index++) {
    if (code[index] === '{') depth++;
    else if (code[index] === '}') depth--;
  }
  return depth === 1;
}

function findRoutines({ text }: TestSource): TestRoutine[] {
  const code = blankNonCode(text, 'go');
  return findFunctions(code).map(({ name, parameters, start, open, end }) => {
    const body = code.slice(open, end);
    const calls = new Set([...body.matchAll(/(\w+)\s*(?:\[[^\]]*\])?\(/g)].map(([, called]) => called as string));
    return {
      name,
      line: lineAt(code, start),
      isTest: /^Test(?![a-z])/.test(name) && /\*testing\.T\b/.test(parameters) && !/\.Skip(?:f|Now)?\(/.test(body),
      asserts:
        /\.(?:Error|Errorf|Fatal|Fatalf|Fail|FailNow)\(|\bpanic\(|[(,]\s*(?:t|tb|c|b)\s*[,)]|Ω\(/.test(body) ||
        [...calls].some((called) => assertion.test(called)) ||
        /\b(?:assert|require|is|qt|check)\.\w+\(/.test(body),
      calls,
    };
  });
}

export const go: TestDialect = {
  id: 'go',
  stack: 'go',
  extensions: ['go'],
  testPattern: /^func\s+(?:Test|Benchmark|Example|Fuzz)|\bRunSpecs\(|\bDescribe\(/m,
  findMarks,
  findRoutines,
};
