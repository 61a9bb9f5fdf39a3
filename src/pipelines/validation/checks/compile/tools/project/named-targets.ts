/** Finds the files and folders for which the project itself runs a tool, in the files with its commands. */
import { posix } from 'node:path';
import type { Repository } from '../../../../repository/repository.ts';

const commandFiles =
  /(?:^|\/)(?:tox\.ini|noxfile\.py|(?:GNU)?[Mm]akefile|\.?[Jj]ustfile|Taskfile\.ya?ml|tasks\.py|pyproject\.toml|hatch\.toml|setup\.cfg|\.gitlab-ci\.ya?ml|\.travis\.ya?ml|\.pre-commit-config\.ya?ml|CONTRIBUTING\.(?:md|rst))$|^(?:\.github\/workflows|scripts?|bin|ci)\/[^/]+$/;
const maxFiles = 200;

/** Returns the existing paths, relative to the folder, that follow the name of the tool in any command. Sorted. */
export async function findNamedTargets(repository: Repository, tool: string, folder: string): Promise<string[]> {
  const files = await repository.files();
  const inFolder = files.filter((file) => folder === '' || file.startsWith(`${folder}/`));
  const exists = (path: string): boolean => {
    const full = posix.join(folder, path);
    return inFolder.some((file) => file === full || file.startsWith(`${full}/`));
  };
  const targets = new Set<string>();
  const command = new RegExp(`(?:^|[\\s"'/:=])${tool}["']?[\\s,]+([^\\n#|&;]*)`, 'g');
  for (const file of inFolder.filter((name) => commandFiles.test(name)).slice(0, maxFiles)) {
    for (const [, args = ''] of ((await repository.text(file)) ?? '').matchAll(command)) {
      for (const argument of args.split(/[\s,"'[\]()]+/)) {
        const path = posix.normalize(argument.replace(/\/$/, ''));
        if (/^[\w./-]+$/.test(argument) && !/^(?:-|\/|\.\.)/.test(argument) && exists(path)) targets.add(path);
        else if (argument === '.') targets.add('.');
      }
    }
  }
  return targets.has('.') ? ['.'] : [...targets].sort();
}
