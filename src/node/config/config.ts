/** Reads `pipescope.json`: the pipelines that a workspace defines for itself. */
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { join, sep } from 'node:path';
import { findNodeAtLocation, getNodeValue, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import {
  type BaseIssue,
  type InferOutput,
  maxLength,
  notValues,
  optional,
  pipe,
  record,
  regex,
  safeParse,
} from 'valibot';
import { HumanError, messageOf } from '../../core/human-error.ts';
import { isOwnValidation, type OwnValidation } from '../../protocol/custom-validation.ts';
import { defined } from '../../protocol/defined.ts';
import { configFile, type Pipeline, pipelines } from '../run/launch-spec.ts';
import { ownValidation as validation } from './custom-validation.ts';
import { filled, object, path, rows, strict, text, texts } from './schema.ts';

/** Names that are built in. */
const reserved = pipelines.map(({ id }) => id);

const row = strict({
  name: pipe(filled, maxLength(80, 'must not be longer than 80 characters'), notValues(reserved, taken)),
  command: filled,
  args: optional(texts),
  cwd: optional(path),
  env: optional(pipe(object, record(pipe(text, regex(/^[^=\0]+$/, 'must be the name of a variable')), text))),
  components: optional(pipe(object, record(filled, filled))),
});
const config = strict({ $schema: optional(text), pipelines: optional(rows(row)), validation: optional(validation) });
type Row = InferOutput<typeof row>;

export interface Config {
  readonly pipelines: readonly Row[];
  readonly validation: OwnValidation;
}

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
  const source = sourceOf(workspace);
  const rows = readConfig(source).pipelines;
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

/** What a workspace says of its own validation. Throws a ConfigError. */
export function ownValidation(workspace: string): OwnValidation {
  return readConfig(sourceOf(workspace)).validation;
}

function sourceOf(workspace: string): string {
  const path = join(workspace, configFile);
  return existsSync(path) ? readFileSync(path, 'utf8') : '{}';
}

/** Every pipeline that can be run on a workspace by its id. */
export function pipelinesIn(workspace: string): readonly Pipeline[] {
  return [...pipelines, ...ownPipelines(workspace)];
}

/** What a file's text says; comments and commas at the end of lists are allowed. Throws a ConfigError. */
export function readConfig(source: string): Config {
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
  const { pipelines: rows = [], validation: own = {} } = read.output;
  hold(source, ['pipelines'], 'name', rows);
  hold(source, ['validation', 'checks'], 'id', own.checks ?? []);
  if (isOwnValidation(own)) return { pipelines: rows, validation: own };
  throw faultAt(source, ['validation'], '“validation” has a text that is longer than any name. Shorten it.');
}

/** No two rows have the same name. */
function hold<Key extends string>(
  source: string,
  at: readonly string[],
  key: Key,
  rows: readonly { readonly [K in Key]: string }[],
): void {
  const again = rows.findIndex((row, index) => rows.findIndex((other) => other[key] === row[key]) < index);
  if (again < 0) return;
  throw faultAt(source, [...at, again, key], `“${key}” is that of an earlier row. Choose another.`);
}

function pipelineOfRow({ name, command, args = [], cwd, env, components }: Row): Pipeline {
  return {
    id: name,
    title: name,
    description: [command, ...args].join(' '),
    components: [...new Set(Object.values(components ?? {}))],
    throughput: [],
    program: { command, args, ...defined({ cwd, env }) },
    ...defined({ groups: components }),
  };
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
