/** Tracks which checks wait for the source index, which is slow to build and shared by all checks. */
import type { Repository } from '../repository/repository.ts';

/**
 * Returns the repository with every access to its index passed through a callback.
 * @param aroundIndex runs the access, for example to stop the waiting check's clock meanwhile
 */
export function withSharedIndex(
  repository: Repository,
  aroundIndex: <T>(work: () => Promise<T>) => Promise<T>,
): Repository {
  return {
    root: repository.root,
    git: repository.git,
    files: () => repository.files(),
    fileSet: () => repository.fileSet(),
    trackedFiles: () => repository.trackedFiles(),
    coverage: () => repository.coverage(),
    text: (file) => repository.text(file),
    json: (file) => repository.json(file),
    toml: (file) => repository.toml(file),
    yaml: (file) => repository.yaml(file),
    stacks: () => repository.stacks(),
    tool: (name, folder) => repository.tool(name, folder),
    isTest: (file) => repository.isTest(file),
    isForeign: (file) => repository.isForeign(file),
    index: () => aroundIndex(() => repository.index()),
  };
}
