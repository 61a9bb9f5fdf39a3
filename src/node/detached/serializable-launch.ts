/** Launch specifications in a form that can be sent to a keeper and stored on disk. */
import { array, exactOptional, type GenericSchema, literal, number, object, record, string, variant } from 'valibot';
import { defined } from '../../protocol/defined.ts';
import type { CommandStart, LaunchSpec, ListenStart } from '../run/launch-spec.ts';
import type { Pipeline } from '../run/pipelines.ts';

export interface SerializableLaunch extends Omit<LaunchSpec, 'start'> {
  readonly start: CommandStart | Pick<ListenStart, 'kind' | 'port'>;
}

export const stringRecordSchema = record(string(), string());
export const unitSchema = object({ component: string(), operation: string(), noun: string() });
const program = { command: string(), args: array(string()), env: exactOptional(stringRecordSchema) };
const pipelineSchema: GenericSchema<Pipeline> = object({
  id: string(),
  title: string(),
  description: string(),
  components: array(string()),
  unit: exactOptional(unitSchema),
  throughput: array(object({ component: string(), counter: string() })),
  minHitRatios: exactOptional(record(string(), number())),
  program: exactOptional(object({ ...program, cwd: exactOptional(string()) })),
  groups: exactOptional(stringRecordSchema),
});
export const launchSchema: GenericSchema<SerializableLaunch> = object({
  pipeline: pipelineSchema,
  workspace: string(),
  cwd: exactOptional(string()),
  sampling: exactOptional(literal('fine')),
  start: variant('kind', [
    object({ kind: literal('command'), ...program, stdio: literal('pipe') }),
    object({ kind: literal('listen'), port: exactOptional(number()) }),
  ]),
});

/** Throws a TypeError for a built-in pipeline. */
export function toSerializableLaunch({ start, ...spec }: LaunchSpec): SerializableLaunch {
  if (start.kind === 'module') throw new TypeError('A built-in pipeline cannot outlive its host.');
  if (start.kind === 'attach') throw new TypeError('An attached program is not kept, because it outlives every host.');
  if (start.kind === 'command') return { ...spec, start };
  return { ...spec, start: { kind: start.kind, ...defined({ port: start.port }) } };
}
