/** Checks that the scripts of package.json only call scripts that exist. */
import { posix } from 'node:path';
import type { Finding } from '../../../../protocol/validation/validation.ts';
import { field } from '../../repository/manifest-formats.ts';
import type { Repository } from '../../repository/repository.ts';

/** Options by which a package manager runs the script of another package, or ignores that there is none. */
const elsewhere =
  /\s(?:-w|-ws|-r|-C|-F|--workspaces?|--prefix|--filter|--recursive|--cwd|--dir|--if-present|--parallel|-p|workspaces?)\b/;

interface ScriptCalls {
  readonly findings: readonly Finding[];
  /** Number of calls that were checked. */
  readonly calls: number;
}

export async function findScriptCalls(repository: Repository): Promise<ScriptCalls> {
  const findings: Finding[] = [];
  let calls = 0;
  for (const { manifest, id } of await repository.stacks()) {
    if (id !== 'node') continue;
    const scripts = (field(await repository.json(manifest), 'scripts') ?? {}) as Readonly<Record<string, unknown>>;
    const text = (await repository.text(manifest)) ?? '';
    for (const [name, script] of Object.entries(scripts)) {
      for (const called of typeof script === 'string' ? calledScripts(script) : []) {
        calls++;
        if (called in scripts) continue;
        const message = `The script “${name}” runs “${called}”, which ${posix.basename(manifest)} does not define.`;
        findings.push({ file: manifest, ...lineOfKey(text, name), message });
      }
    }
  }
  return { findings, calls };
}

/** Returns the names of the scripts that a script runs in its own package. */
function calledScripts(script: string): string[] {
  // After a change of the folder, a call refers to another package.
  const [inPackage = ''] = script.split(/\b(?:cd|pushd)\s/);
  return inPackage.split(/&&|\|\||[;|&"']/).flatMap((command) => {
    const call =
      /^\s*(?:npx\s+)?(?:npm|pnpm|yarn|bun)\s+(?:-s\s+|--silent\s+)?run(?:-script)?\s+(?:-s\s+|--silent\s+)?([\w@./:-]+)/.exec(
        command,
      );
    if (!call || elsewhere.test(command.split(/\s--\s/)[0] ?? '')) return [];
    const name = call[1] as string;
    // Yarn and Bun also run programs and files this way.
    const mayBeProgram = /^\s*(?:npx\s+)?(?:yarn|bun)\b/.test(command) && !name.includes(':');
    return name.startsWith('-') || mayBeProgram || /[./]/.test(name) ? [] : [name];
  });
}

function lineOfKey(text: string, key: string): { readonly line?: number } {
  const index = text.indexOf(`${JSON.stringify(key)}:`);
  return index < 0 ? {} : { line: text.slice(0, index).split('\n').length };
}
