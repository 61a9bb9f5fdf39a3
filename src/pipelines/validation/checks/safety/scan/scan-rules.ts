/** The rules of the code scan. Each rule belongs to the topic of one check. */
import type { FamilyId } from './code-spans.ts';

export type RuleTopic = 'debug' | 'danger' | 'hatch' | 'todo';

export interface ScanRule {
  readonly id: string;
  readonly topic: RuleTopic;
  /** Language families of the rule; all if absent. */
  readonly families?: readonly FamilyId[];
  readonly where: 'code' | 'comment';
  /** Global. If the pattern has a group, the match is at the group. */
  readonly pattern: RegExp;
  /** The rule only applies to code that matches this, such as an import of the module. */
  readonly requires?: RegExp;
  /** The rule does not apply to files whose text matches this. */
  readonly excludes?: RegExp;
  /** A match only counts if it is a call that passes the test of this rule in `confirm-calls.ts`. */
  readonly mustBeCall?: true;
  /** Short description of a match for messages. */
  readonly title: string;
  /** Applies the rule to test files too. */
  readonly includesTests?: true;
}

const ecmascript: readonly FamilyId[] = ['typescript', 'javascript'];

export const scanRules: readonly ScanRule[] = [
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
    mustBeCall: true,
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
    mustBeCall: true,
    families: ecmascript,
    where: 'code',
    pattern: /(?<![\w$.#])(?:(?:window|globalThis|global|self)\.)?(eval)\s*\(/g,
    title: 'eval() runs a string as code',
  },
  {
    id: 'function',
    topic: 'danger',
    mustBeCall: true,
    families: ecmascript,
    where: 'code',
    pattern: /(?<![\w$.#])(Function)\s*\(/g,
    title: 'Function() runs a string as code',
  },
  {
    id: 'python_eval',
    topic: 'danger',
    mustBeCall: true,
    families: ['python'],
    where: 'code',
    pattern: /(?<![\w.])(?:builtins\.)?(eval|exec)\s*\(/g,
    title: 'runs a string as code',
  },
  {
    id: 'unpickle',
    topic: 'danger',
    mustBeCall: true,
    families: ['python'],
    where: 'code',
    pattern: /(?<!\bdef\s)\b(loads?|Unpickler)\s*\(/g,
    requires:
      /\bimport\s.*\b(?:c?[pP]ickle\w*|_pickle|dill|cloudpickle|joblib|marshal|jsonpickle|torch)\b|\bfrom\s+(?:c?[pP]ickle\w*|_pickle|dill|cloudpickle|joblib|marshal|jsonpickle|torch)\b/,
    title: 'loading this data can run arbitrary code',
  },
  {
    id: 'yaml_load',
    topic: 'danger',
    mustBeCall: true,
    families: ['python'],
    where: 'code',
    pattern: /(?<!\bdef\s)\b((?:unsafe_)?load(?:_all)?)\s*\(/g,
    requires: /\bimport\s.*\byaml\b|\bfrom\s+yaml\b/,
    title: 'yaml.load without a safe loader can create arbitrary objects',
  },
  {
    id: 'shell',
    topic: 'danger',
    mustBeCall: true,
    families: ['python'],
    where: 'code',
    pattern: /\b(shell)\s*=\s*True\b/g,
    title: 'shell=True runs the command in a shell',
  },
  {
    id: 'os_system',
    topic: 'danger',
    mustBeCall: true,
    families: ['python'],
    where: 'code',
    pattern: /(?<!\bdef\s)\b(system|popen)\s*\(/g,
    requires: /\bimport\s.*\bos\b|\bfrom\s+os\b/,
    title: 'runs the command in a shell',
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
    // Calls of C functions need these pointers.
    excludes: /^\s*(?:import\s+)?"C"\s*$/m,
    title: 'unsafe.Pointer bypasses the type system',
  },

  {
    id: 'any',
    topic: 'hatch',
    families: ['typescript'],
    where: 'code',
    // Matches `any` only in type positions, because it can also be a variable name, as in `f(a, any)`.
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
    includesTests: true,
  },
  {
    id: 'lint_off',
    topic: 'hatch',
    families: ecmascript,
    where: 'comment',
    pattern: /^(?:\/\/+|\/\*+)\s*((?:eslint|oxlint|tslint|jshint|deno-lint|biome)[-:]?(?:disable|ignore)\S*)/g,
    title: 'disabled linter',
    includesTests: true,
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
    includesTests: true,
  },
  {
    id: 'noqa',
    topic: 'hatch',
    families: ['python'],
    where: 'comment',
    pattern: /^#\s*((?:ruff:\s*|flake8:\s*)?noqa\b|pylint:\s*disable)/gi,
    title: 'disabled linter',
    includesTests: true,
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
    includesTests: true,
  },

  {
    id: 'todo',
    topic: 'todo',
    where: 'comment',
    // Only at the start of a comment or sentence, so that `XXX` inside a pattern is not reported.
    pattern: /(?<=^|[\n.;:!?(*/#\-<]\s*|[{[]\s*)\b(TODO|FIXME|XXX|HACK)\b(?=[:(\s!,.\-–—\]]|$)/g,
    title: 'TODO',
    includesTests: true,
  },
];
