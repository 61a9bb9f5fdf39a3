/** Finds out whether a project uses a tool that needs no configuration of its own. */
import { posix } from 'node:path';
import type { Repository } from '../../../../repository/repository.ts';

/** Files in which projects write the commands that they run. */
const commandFiles =
  /^(?:(?:\.github\/workflows|\.circleci|\.gitlab|\.buildkite|\.woodpecker|ci|scripts|script|bin|\.cargo|\.githooks|\.husky|xtask)\/.*|(?:GNU)?[Mm]akefile(?:\.toml)?|\.?[Jj]ustfile|Taskfile\.ya?ml|bacon\.toml|\.gitlab-ci\.ya?ml|\.travis\.ya?ml|azure-pipelines\.ya?ml|\.pre-commit-config\.ya?ml|lefthook\.ya?ml|package\.json|rust-toolchain(?:\.toml)?|Cargo\.toml|CONTRIBUTING\.md|AGENTS\.md)$/;
const maxFiles = 200;

/** Returns the first file in which the project runs or configures a tool, or undefined if it does neither. */
export async function findMention(
  repository: Repository,
  { configs, command }: { readonly configs: readonly string[]; readonly command: RegExp },
): Promise<string | undefined> {
  const files = await repository.files();
  const config = files.find((file) => configs.includes(posix.basename(file)) && !repository.isForeign(file));
  if (config !== undefined) return config;
  for (const file of files.filter((name) => commandFiles.test(name)).slice(0, maxFiles)) {
    if (command.test((await repository.text(file)) ?? '')) return file;
  }
  return undefined;
}
