/** Builds the launches of programs: of a file, a package script or a command. */
import { dirname } from 'node:path';
import * as vscode from 'vscode';
import { HumanError } from '../../core/human-error.ts';
import { parseCommand } from '../../node/command/parse-command.ts';
import { buildCommandLaunch, type LaunchSpec } from '../../node/run/launch-spec.ts';
import { escapeLabel } from '../escape-label.ts';
import { folderPaths, pickFolder } from '../workspace-folders.ts';

const memoryKey = 'pipescope.command';

/** Larger manifests are skipped; no package has one. */
const maxManifestBytes = 1e6;

/** A package script, as passed by its lens. */
interface ScriptRef {
  /** Absolute path of the package.json. */
  readonly path: string;
  readonly script: string;
}

/**
 * Saves a file and returns its launch.
 *
 * @param file Uri from the Explorer; without it, the active file
 */
export async function buildFileLaunch(file: unknown, pythonPath: string): Promise<LaunchSpec> {
  const uri = file instanceof vscode.Uri ? file : vscode.window.activeTextEditor?.document.uri;
  if (!uri) throw new HumanError('No active file. Open the file to profile first.');
  if (uri.scheme !== 'file') throw new HumanError('Only local files can be profiled. Save this file first.');
  const document = vscode.workspace.textDocuments.find((open) => open.uri.fsPath === uri.fsPath);
  if (document?.isDirty && !(await document.save())) {
    throw new HumanError('Could not save the file. Save it and try again.');
  }
  const workspace = requireFolder(uri.fsPath);
  const { fileCommand } = await import('../../node/command/runners.ts');
  const argv = fileCommand(uri.fsPath, { workspace, ...(pythonPath ? { pythonPath } : {}) });
  const name = vscode.workspace.asRelativePath(uri, false);
  return buildCommandLaunch(argv, { workspace, name, stdio: 'pipe' });
}

/**
 * Returns the launch of a package script, run by the package's own package manager; undefined if the user cancels.
 *
 * @param script ScriptRef; without it, the user picks a script
 */
export async function buildScriptLaunch(script: unknown): Promise<LaunchSpec | undefined> {
  const ref = isScriptRef(script) ? script : await pickScript();
  if (!ref) return undefined;
  const { packageManagerOf, scriptCommand } = await import('../../node/command/package-scripts.ts');
  const folder = dirname(ref.path);
  const workspace = requireFolder(ref.path);
  const manager = packageManagerOf(folder, workspace);
  const argv = scriptCommand(manager, ref.script);
  const name = `${manager} run ${ref.script}`;
  return buildCommandLaunch(argv, { workspace, cwd: folder, name, stdio: 'pipe' });
}

/**
 * Returns the launch of a command, started without a shell; undefined if the user cancels.
 *
 * @param command as typed in a terminal; without it, the user enters a command
 */
export async function buildTypedLaunch(command: unknown, memory: vscode.Memento): Promise<LaunchSpec | undefined> {
  const folder = await pickFolder();
  if (folder === undefined) return undefined;
  const text = typeof command === 'string' ? command : await askCommand('Profile Command', memory);
  if (text === undefined) return undefined;
  return buildCommandLaunch(parseCommand(text), { workspace: folder, stdio: 'pipe' });
}

/** Lets the user enter a command, with the last one as default. Returns undefined if the user cancels. */
export async function askCommand(title: string, memory: vscode.Memento): Promise<string | undefined> {
  const text = await vscode.window.showInputBox({
    title,
    prompt: 'Program and arguments. Quote arguments with spaces; shell syntax is not supported.',
    placeHolder: 'node main.js --input "a file.txt"',
    value: memory.get(memoryKey, ''),
    validateInput: (typed) => errorMessageOf(() => parseCommand(typed)),
  });
  if (text !== undefined) await memory.update(memoryKey, text);
  return text;
}

function errorMessageOf(parse: () => unknown): string | undefined {
  try {
    parse();
    return undefined;
  } catch (error) {
    if (error instanceof HumanError) return error.message;
    throw error;
  }
}

function isScriptRef(value: unknown): value is ScriptRef {
  return (
    typeof value === 'object' &&
    value !== null &&
    'path' in value &&
    typeof value.path === 'string' &&
    'script' in value &&
    typeof value.script === 'string'
  );
}

/** Returns the workspace folder of a file. */
function requireFolder(path: string): string {
  const folder = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(path))?.uri.fsPath;
  if (folder !== undefined && folderPaths().includes(folder)) return folder;
  throw new HumanError('This file is outside the workspace. Open its folder to profile it.');
}

async function pickScript(): Promise<ScriptRef | undefined> {
  const [{ parseScripts }, { readLocalText }] = await Promise.all([
    import('../../node/command/package-scripts.ts'),
    import('../../node/storage/local-file.ts'),
  ]);
  const files = await vscode.workspace.findFiles('**/package.json', '**/node_modules/**', 200);
  const scripts = files
    .sort((a, b) => a.path.length - b.path.length)
    .flatMap((uri) =>
      parseScripts(readLocalText(uri.fsPath, maxManifestBytes) ?? '').map(({ name, command }) => ({
        label: escapeLabel(name),
        description: vscode.workspace.asRelativePath(uri),
        detail: escapeLabel(command),
        ref: { path: uri.fsPath, script: name },
      })),
    );
  if (scripts.length === 0) {
    throw new HumanError('No npm scripts in this workspace. Use “Profile Command…” instead.');
  }
  const picked = await vscode.window.showQuickPick(scripts, {
    title: 'Profile npm Script',
    placeHolder: 'Select the script to run',
    matchOnDescription: true,
  });
  return picked?.ref;
}
