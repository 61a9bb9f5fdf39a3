/** Reads `pipescope.json`: the custom pipelines and the validation settings of a workspace. */
import { realpathSync } from 'node:fs';
import { join, sep } from 'node:path';
import { findNodeAtLocation, getNodeValue, printParseErrorCode } from 'jsonc-parser';
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
import { HumanError } from '../../core/human-error.ts';
import { readRegularFile } from '../../process/read-regular-file.ts';
import { defined } from '../../protocol/defined.ts';
import { type CustomValidation, isCustomValidation } from '../../protocol/validation/custom-validation.ts';
import { configFile, type Pipeline, pipelines } from '../run/pipelines.ts';
import { customValidationSchema } from './custom-validation.ts';
import { parseJsonc } from './parse-jsonc.ts';
import { arrayOf, nonEmptyString, plainObject, relativePath, strictObject, string, stringArray } from './schema.ts';

/** A hundred pipelines and checks with long commands need less. */
const maxConfigBytes = 1e6;

const builtInNames = pipelines.map(({ id }) => id);

const pipelineRow = strictObject({
  name: pipe(
    nonEmptyString,
    maxLength(80, 'must not be longer than 80 characters'),
    notValues(builtInNames, `must not be the name of a built-in pipeline (${builtInNames.join(', ')})`),
  ),
  command: nonEmptyString,
  args: optional(stringArray),
  cwd: optional(relativePath),
  env: optional(
    pipe(plainObject, record(pipe(string, regex(/^[^=\0]+$/, 'must be the name of an environment variable')), string)),
  ),
  components: optional(pipe(plainObject, record(nonEmptyString, nonEmptyString))),
});
const configSchema = strictObject({
  $schema: optional(string),
  pipelines: optional(arrayOf(pipelineRow)),
  validation: optional(customValidationSchema),
});
type PipelineRow = InferOutput<typeof pipelineRow>;
type Keys = readonly (string | number)[];

export interface Config {
  readonly pipelines: readonly PipelineRow[];
  readonly validation: CustomValidation;
}

/** An error in the file. Its message contains the line, counted from 1. */
export class ConfigError extends HumanError {
  readonly line: number;

  constructor(line: number, what: string) {
    super(`${configFile}, line ${line}: ${what}`);
    this.line = line;
  }
}

/** Reads the custom pipelines of a workspace, which are empty without a `pipescope.json`. Throws a ConfigError. */
export function customPipelines(workspace: string): readonly Pipeline[] {
  const source = readSource(workspace);
  const rows = parseConfig(source).pipelines;
  const root = realpathSync(workspace);
  for (const [index, { cwd }] of rows.entries()) {
    if (cwd === undefined || isFolderIn(join(root, cwd), root)) continue;
    throw errorAt(
      source,
      ['pipelines', index, 'cwd'],
      `“cwd” must be an existing folder inside the workspace (got ${cwd}).`,
    );
  }
  return rows.map(toPipeline);
}

/** Reads the validation settings of a workspace. Throws a ConfigError. */
export function readCustomValidation(workspace: string): CustomValidation {
  return parseConfig(readSource(workspace)).validation;
}

function readSource(workspace: string): string {
  const file = readRegularFile(join(workspace, configFile), { maxBytes: maxConfigBytes, inside: workspace });
  if (file.kind === 'refused') throw new ConfigError(1, `the file ${file.problem}. Replace it or remove it.`);
  return file.kind === 'missing' ? '{}' : file.bytes.toString('utf8').replace(/^\ufeff/, '');
}

/** Returns the built-in and the custom pipelines of a workspace. Throws a ConfigError. */
export function pipelinesIn(workspace: string): readonly Pipeline[] {
  return [...pipelines, ...customPipelines(workspace)];
}

/** Parses the text of a `pipescope.json`, which may have comments and trailing commas. Throws a ConfigError. */
export function parseConfig(source: string): Config {
  const { tree, error, deepOffset } = parseJsonc(source);
  if (deepOffset !== undefined) throw new ConfigError(lineAt(source, deepOffset), 'nested too deeply. Correct it.');
  if (!tree || error) {
    const what = error ? printParseErrorCode(error.error) : 'the file is empty';
    throw new ConfigError(lineAt(source, error?.offset ?? 0), `invalid JSON (${what}). Correct it.`);
  }
  const result = safeParse(configSchema, getNodeValue(tree));
  if (!result.success) {
    const [issue] = result.issues;
    throw errorAt(source, keysOf(issue), formatIssue(issue));
  }
  const { pipelines: rows = [], validation = {} } = result.output;
  assertUnique(source, ['pipelines'], 'name', rows);
  assertUnique(source, ['validation', 'checks'], 'id', validation.checks ?? []);
  if (isCustomValidation(validation)) return { pipelines: rows, validation };
  throw errorAt(source, ['validation'], '“validation” contains a string that is too long. Shorten it.');
}

/** Throws a ConfigError if two rows have the same value of `key`. */
function assertUnique<Key extends string>(
  source: string,
  listKeys: Keys,
  key: Key,
  rows: readonly { readonly [K in Key]: string }[],
): void {
  const duplicate = rows.findIndex((row, index) => rows.findIndex((other) => other[key] === row[key]) < index);
  if (duplicate < 0) return;
  throw errorAt(
    source,
    [...listKeys, duplicate, key],
    `this “${key}” is already used by an earlier row. Choose another one.`,
  );
}

function toPipeline({ name, command, args = [], cwd, env, components }: PipelineRow): Pipeline {
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

function formatIssue(issue: BaseIssue<unknown>): string {
  const key = keysOf(issue).at(-1);
  const subject = key === undefined ? 'the file' : typeof key === 'number' ? `row ${key + 1}` : `“${key}”`;
  return `${subject} ${issue.message}.`;
}

function keysOf(issue: BaseIssue<unknown>): Keys {
  return (issue.path ?? []).map(({ key }) => (typeof key === 'number' ? key : String(key)));
}

/** Creates an error at the value with these keys, or at the nearest enclosing value that exists. */
function errorAt(source: string, keys: Keys, what: string): ConfigError {
  const { tree } = parseJsonc(source);
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

/** Returns true if `path` exists and, after resolving links, is `root` or below it. */
function isFolderIn(path: string, root: string): boolean {
  try {
    const realPath = realpathSync(path);
    return realPath === root || realPath.startsWith(root + sep);
  } catch {
    // Missing, too long, a loop of links, or not readable.
    return false;
  }
}
