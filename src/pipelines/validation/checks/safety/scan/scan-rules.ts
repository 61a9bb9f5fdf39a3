/** What is looked for in sources, by family: one row adds one. Which of it counts is said by the checks. */
import type { FamilyId } from './code-spans.ts';

export type Topic = 'debug' | 'danger' | 'hatch' | 'todo';

export interface Rule {
  readonly id: string;
  readonly topic: Topic;
  /** None: every family. */
  readonly families?: readonly FamilyId[];
  readonly where: 'code' | 'comment';
  /** Global; where it has a group, the place is that of the group. */
  readonly pattern: RegExp;
  /** Code without it is not looked at, such as what imports no such module. */
  readonly needs?: RegExp;
  /** The word counts only where it is a call of what `confirm.ts` says. */
  readonly call?: true;
  /** What it is, for people. */
  readonly title: string;
  /** Is looked at in tests too. */
  readonly tests?: true;
}

const ecmascript: readonly FamilyId[] = ['typescript', 'javascript'];

export const rules: readonly Rule[] = [
  {
    id: 'debugger',
    topic: 'debug',
    families: ecmascript,
    where: 'code',
    pattern: /(?<=(?:^|[;{})])\s*)\b(debugger)\s*(?:;|\}|$)/gm,
    title: 'debugger statement',
  },
  {
    id: 'breakpoint',
    topic: 'debug',
    call: true,
    families: ['python'],
    where: 'code',
    pattern: /\b(breakpoint|set_trace)\s*\(/g,
    title: 'breakpoint',
  },
  {
    id: 'dbg',
    topic: 'debug',
    families: ['rust'],
    where: 'code',
    pattern: /(?<![\w!])(dbg)!\s*[([{]/g,
    title: 'dbg! macro',
  },
  {
    id: 'pry',
    topic: 'debug',
    families: ['ruby'],
    where: 'code',
    pattern: /(?:^|;|\bdo|\bthen)[ \t]*(binding\.(?:pry|irb|break)|byebug)\b(?!\s*[=(:])/gm,
    title: 'breakpoint',
  },

  {
    id: 'eval',
    topic: 'danger',
    call: true,
    families: ecmascript,
    where: 'code',
    pattern: /(?<![\w$.#])(?:(?:window|globalThis|global|self)\.)?(eval)\s*\(/g,
    title: 'eval runs a text as code',
  },
  {
    id: 'function',
    topic: 'danger',
    call: true,
    families: ecmascript,
    where: 'code',
    pattern: /(?<![\w$.#])(Function)\s*\(/g,
    title: 'Function makes code of a text',
  },
  {
    id: 'python_eval',
    topic: 'danger',
    call: true,
    families: ['python'],
    where: 'code',
    pattern: /(?<![\w.])(?:builtins\.)?(eval|exec)\s*\(/g,
    title: 'runs a text as code',
  },
  {
    id: 'unpickle',
    topic: 'danger',
    call: true,
    families: ['python'],
    where: 'code',
    pattern: /(?<!\bdef\s)\b(loads?|Unpickler)\s*\(/g,
    needs:
      /\bimport\s.*\b(?:c?[pP]ickle\w*|_pickle|dill|cloudpickle|joblib|marshal|jsonpickle|torch)\b|\bfrom\s+(?:c?[pP]ickle\w*|_pickle|dill|cloudpickle|joblib|marshal|jsonpickle|torch)\b/,
    title: 'reading such data can run any code that is in it',
  },
  {
    id: 'yaml_load',
    topic: 'danger',
    call: true,
    families: ['python'],
    where: 'code',
    pattern: /(?<!\bdef\s)\b((?:unsafe_)?load(?:_all)?)\s*\(/g,
    needs: /\bimport\s.*\byaml\b|\bfrom\s+yaml\b/,
    title: 'yaml.load without a safe loader builds any object',
  },
  {
    id: 'shell',
    topic: 'danger',
    call: true,
    families: ['python'],
    where: 'code',
    pattern: /\b(shell)\s*=\s*True\b/g,
    title: 'shell=True hands the command to a shell',
  },
  {
    id: 'os_system',
    topic: 'danger',
    call: true,
    families: ['python'],
    where: 'code',
    pattern: /(?<!\bdef\s)\b(system|popen)\s*\(/g,
    needs: /\bimport\s.*\bos\b|\bfrom\s+os\b/,
    title: 'hands the command to a shell',
  },
  {
    id: 'unsafe',
    topic: 'danger',
    families: ['rust'],
    where: 'code',
    pattern: /\b(unsafe)\s*\{/g,
    title: 'unsafe block without a SAFETY comment',
  },
  {
    id: 'unsafe_pointer',
    topic: 'danger',
    families: ['go'],
    where: 'code',
    pattern: /(?<![\w.])(unsafe\.Pointer)\s*\(/g,
    title: 'unsafe.Pointer leaves the type system',
  },

  {
    id: 'any',
    topic: 'hatch',
    families: ['typescript'],
    where: 'code',
    // Where a type stands: `any` may also be a name, as in `f(a, any)`.
    pattern:
      /(?::|\||&|=>|\bas|\bextends|\bis|\btype\s[\w$\s<>,]+=)\s*(any)\b(?=\s*(?:[;,)\]}>|&={\n]|$))|<\s*(any)\s*(?=[,>])|,\s*(any)\s*(?=>)|\b(any)\[\]/gm,
    title: 'any',
  },
  {
    id: 'ts_ignore',
    topic: 'hatch',
    families: ecmascript,
    where: 'comment',
    pattern: /^(?:\/\/+|\/\*+)\s*(@ts-(?:ignore|nocheck))\b/g,
    title: '@ts-ignore',
    tests: true,
  },
  {
    id: 'lint_off',
    topic: 'hatch',
    families: ecmascript,
    where: 'comment',
    pattern: /^(?:\/\/+|\/\*+)\s*((?:eslint|oxlint|tslint|jshint|deno-lint|biome)[-:]?(?:disable|ignore)\S*)/g,
    title: 'a linter switched off',
    tests: true,
  },
  {
    id: 'bare_except',
    topic: 'hatch',
    families: ['python'],
    where: 'code',
    pattern: /^[ \t]*(except)[ \t]*:/gm,
    title: 'bare except',
  },
  {
    id: 'type_ignore',
    topic: 'hatch',
    families: ['python'],
    where: 'comment',
    pattern: /^#\s*((?:type|pyright|mypy|ty):\s*ignore\b(?:-errors)?)/g,
    title: 'type: ignore',
    tests: true,
  },
  {
    id: 'noqa',
    topic: 'hatch',
    families: ['python'],
    where: 'comment',
    pattern: /^#\s*((?:ruff:\s*|flake8:\s*)?noqa\b|pylint:\s*disable)/gi,
    title: 'a linter switched off',
    tests: true,
  },
  {
    id: 'unwrap',
    topic: 'hatch',
    families: ['rust'],
    where: 'code',
    pattern: /\.\s*(unwrap)\s*\(\s*\)/g,
    title: '.unwrap()',
  },
  {
    id: 'panic',
    topic: 'hatch',
    families: ['rust'],
    where: 'code',
    pattern: /(?<![\w:])(panic|todo|unimplemented)!\s*[([{]/g,
    title: 'panic!',
  },
  {
    id: 'nolint',
    topic: 'hatch',
    families: ['go'],
    where: 'comment',
    pattern: /^\/\/\s*(nolint\b|#nosec\b|lint:(?:file-)?ignore\b)/g,
    title: 'nolint',
    tests: true,
  },

  {
    id: 'todo',
    topic: 'todo',
    where: 'comment',
    // At the head of a remark, as people mark what is left to do; `XXX` amid a pattern is none.
    pattern: /(?<=^|[\n.;:!?(*/#\-<]\s*|[{[]\s*)\b(TODO|FIXME|XXX|HACK)\b(?=[:(\s!,.\-–—\]]|$)/g,
    title: 'TODO',
    tests: true,
  },
];
