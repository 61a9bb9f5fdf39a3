/** Reads `pipescope.json`: the pipelines that a workspace defines for itself. */
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { join, sep } from 'node:path';
import { findNodeAtLocation, getNodeValue, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import {
  array,
  type BaseIssue,
  custom,
  type InferOutput,
  maxLength,
  notValues,
  optional,
  pipe,
  record,
  regex,
  safeParse,
  strictObject,
  string,
} from 'valibot';
import { HumanError, messageOf } from '../core/error.ts';
import { configFile, type Pipeline, pipelines } from './launch.ts';

/** Names that are built in. */
const reserved = pipelines.map(({ id }) => id);

/** Relative, and never upwards: no root, no drive, no segment `..`. */
const inside = /^(?![/\\]|[A-Za-z]:)(?!(?:.*[/\\])?\.\.(?:[/\\]|$))/;

const text = string('must be text in quotes');
/** A list would pass for an object. */
const object = custom<object>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'must be an object in braces',
);
const filled = pipe(text, regex(/\S/, 'must not be empty'));
const row = strict({
  name: pipe(filled, maxLength(80, 'must not be longer than 80 characters'), notValues(reserved, taken)),
  command: filled,
  args: optional(array(text, 'must be a list of texts in brackets')),
  cwd: optional(pipe(filled, regex(inside, 'must lie inside the workspace: give a path relative to it, without ..'))),
  env: optional(pipe(object, record(pipe(text, regex(/^[^=\0]+$/, 'must be the name of a variable')), text))),
  components: optional(pipe(object, record(filled, filled))),
});
const config = strict({
  $schema: optional(text),
  pipelines: pipe(array(row, 'must be a list in brackets'), maxLength(100, 'must not have more than 100 rows')),
});
type Row = InferOutput<typeof row>;

/** A fault in the file; the line, from 1, is also part of the message. */
export class ConfigError extends HumanError {
  readonly line: number;

  constructor(line: number, what: string) {
    super(`${configFile}, line ${line}: ${what}`);
    this.line = line;
  }
}

/** The pipelines of a workspace's own; none where it has no `pipescope.json`. Throws a ConfigError. */
export function ownPipelines(workspace: string): readonly Pipeline[] {
  const path = join(workspace, configFile);
  if (!existsSync(path)) return [];
  const source = readFileSync(path, 'utf8');
  const rows = readConfig(source);
  const root = realpathSync(workspace);
  for (const [index, { cwd }] of rows.entries()) {
    if (cwd === undefined || isFolderIn(join(root, cwd), root)) continue;
    throw faultAt(
      source,
      ['pipelines', index, 'cwd'],
      `there is no folder ${cwd} inside the workspace. Correct “cwd”.`,
    );
  }
  return rows.map(pipelineOfRow);
}

/** Every pipeline that can be run on a workspace by its id. */
export function pipelinesIn(workspace: string): readonly Pipeline[] {
  return [...pipelines, ...ownPipelines(workspace)];
}

/** The rows of a file's text; comments and commas at the end of lists are allowed. Throws a ConfigError. */
export function readConfig(source: string): readonly Row[] {
  const errors: ParseError[] = [];
  const tree = parseTree(source, errors, { allowTrailingComma: true });
  const [error] = errors;
  if (!tree || error) {
    const what = error ? printParseErrorCode(error.error) : 'nothing there';
    throw new ConfigError(lineAt(source, error?.offset ?? 0), `this is no JSON (${what}). Correct it.`);
  }
  const read = safeParse(config, getNodeValue(tree));
  if (!read.success) {
    const [issue] = read.issues;
    throw faultAt(source, keysOf(issue), sentence(issue));
  }
  const rows = read.output.pipelines;
  const again = rows.findIndex(({ name }, index) => rows.findIndex((other) => other.name === name) < index);
  if (again < 0) return rows;
  throw faultAt(source, ['pipelines', again, 'name'], `“name” is that of an earlier pipeline. Choose another.`);
}

function pipelineOfRow({ name, command, args = [], cwd, env, components }: Row): Pipeline {
  return {
    id: name,
    title: name,
    description: [command, ...args].join(' '),
    components: [...new Set(Object.values(components ?? {}))],
    throughput: [],
    program: { command, args, ...(cwd === undefined ? {} : { cwd }), ...(env === undefined ? {} : { env }) },
    ...(components === undefined ? {} : { groups: components }),
  };
}

/** An object that takes no other keys than these. */
function strict<const Entries extends Parameters<typeof strictObject>[0]>(entries: Entries) {
  const known = Object.keys(entries).filter((key) => key !== '$schema');
  const says = ({ expected }: BaseIssue<unknown>): string =>
    expected === 'never' ? `is not known here. Known here: ${known.join(', ')}` : 'is missing. Add it';
  return pipe(object, strictObject(entries, says));
}

function taken(): string {
  return `must be another name: ${reserved.join(' and ')} are built in`;
}

function sentence(issue: BaseIssue<unknown>): string {
  const key = keysOf(issue).at(-1);
  const subject = key === undefined ? 'the file' : typeof key === 'number' ? `row ${key + 1}` : `“${key}”`;
  return `${subject} ${issue.message}.`;
}

function keysOf(issue: BaseIssue<unknown>): (string | number)[] {
  return (issue.path ?? []).map(({ key }) => (typeof key === 'number' ? key : String(key)));
}

/** A fault at the place that the keys lead to, or as near to it as there is text. */
function faultAt(source: string, keys: readonly (string | number)[], what: string): ConfigError {
  const tree = parseTree(source, [], { allowTrailingComma: true });
  for (let length = keys.length; tree && length >= 0; length--) {
    const node = findNodeAtLocation(tree, keys.slice(0, length));
    if (node)
      return new ConfigError(lineAt(source, (node.parent?.type === 'property' ? node.parent : node).offset), what);
  }
  return new ConfigError(1, what);
}

function lineAt(source: string, offset: number): number {
  return source.slice(0, offset).split('\n').length;
}

function isFolderIn(path: string, root: string): boolean {
  try {
    const real = realpathSync(path);
    return real === root || real.startsWith(root + sep);
  } catch (error) {
    if (messageOf(error).includes('ENOENT')) return false;
    throw error;
  }
}
