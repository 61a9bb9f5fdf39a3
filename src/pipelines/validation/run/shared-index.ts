/** A repository that tells when its index is being waited for: it is made once for all checks, and takes longest. */
import type { Repository } from '../repository/repository.ts';

/** @param around runs what waits for the index */
export function sharing(repository: Repository, around: <T>(work: () => Promise<T>) => Promise<T>): Repository {
  return {
    root: repository.root,
    git: repository.git,
    files: () => repository.files(),
    text: (file) => repository.text(file),
    json: (file) => repository.json(file),
    toml: (file) => repository.toml(file),
    yaml: (file) => repository.yaml(file),
    stacks: () => repository.stacks(),
    tool: (name, folder) => repository.tool(name, folder),
    isTest: (file) => repository.isTest(file),
    isForeign: (file) => repository.isForeign(file),
    index: () => around(() => repository.index()),
  };
}
