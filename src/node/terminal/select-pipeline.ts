/** Finds the pipeline that a command names. Apart from `invocation.ts`, because a command after `--` needs none of this. */
import { messageOf } from '../../core/human-error.ts';
import { pipelinesIn } from '../config/config.ts';
import { type Pipeline, requirePipeline } from '../run/pipelines.ts';
import { foldersOf, type Invocation, type RunFolders, UsageError } from './invocation.ts';

export interface SelectedPipeline extends RunFolders {
  readonly pipeline: Pipeline;
}

/**
 * Finds the pipeline named by the first argument among those of the workspace and `others`.
 * @throws UsageError if there is no such pipeline or the workspace's configuration is invalid
 */
export function selectPipeline(
  invocation: Pick<Invocation, 'positionals' | 'options'>,
  others: readonly Pipeline[] = [],
): SelectedPipeline {
  try {
    const folders = foldersOf(invocation);
    const pipelines = [...pipelinesIn(folders.workspace), ...others];
    return { ...folders, pipeline: requirePipeline(invocation.positionals[0], pipelines) };
  } catch (error) {
    throw new UsageError(messageOf(error));
  }
}
