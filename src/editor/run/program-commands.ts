/** Profiles what people run anyway, unchanged: a file, a script of a package, a command. */
import { dirname } from 'node:path';
import * as vscode from 'vscode';
import { HumanError } from '../../core/human-error.ts';
import { commandOf } from '../../node/run/launch-spec.ts';
import type { Snapshot } from '../../protocol/snapshot.ts';
import type { Settings } from '../settings.ts';
import { folderPaths, pickFolder } from '../workspace-folders.ts';
import type { Profile } from './profile-command.ts';

const memoryKey = 'pipescope.command';

/** A script, as the lens above it names it. */
export interface ScriptPlace {
  /** Absolute path of the package.json. */
  readonly path: string;
  readonly script: string;
}

export class Programs {
  readonly #profile: Profile;
  readonly #settings: Settings;
  readonly #memory: vscode.Memento;

  constructor(profile: Profile, settings: Settings, memory: vscode.Memento) {
    this.#profile = profile;
    this.#settings = settings;
    this.#memory = memory;
  }

  /**
   * Runs the file of the active editor, saved first.
   * @param wanted address of another file, as the explorer gives it
   */
  async file(wanted: unknown): Promise<Snapshot | undefined> {
    const uri = wanted instanceof vscode.Uri ? wanted : vscode.window.activeTextEditor?.document.uri;
    if (!uri) throw new HumanError('No file is open in an editor. Open the one to run.');
    if (uri.scheme !== 'file') throw new HumanError('This file is on no disk. Save it first.');
    const document = vscode.workspace.textDocuments.find((open) => open.uri.fsPath === uri.fsPath);
    if (document?.isDirty && !(await document.save()))
      throw new HumanError('The file could not be saved. Save it first.');
    const workspace = workspaceOf(uri.fsPath);
    const pythonPath = this.#settings.get('pythonPath');
    const { fileWords } = await import('../../node/command/runners.ts');
    const words = fileWords(uri.fsPath, { workspace, ...(pythonPath ? { pythonPath } : {}) });
    const name = vscode.workspace.asRelativePath(uri, false);
    return this.#profile.launch(commandOf(words, { workspace, name, stdio: 'pipe' }));
  }

  /**
   * Runs a script of a package by the package's own manager.
   * @param wanted a ScriptPlace where none is to be asked for
   */
  async script(wanted: unknown): Promise<Snapshot | undefined> {
    const place = isScriptPlace(wanted) ? wanted : await pickScript();
    if (!place) return undefined;
    const { managerOf, scriptWords } = await import('../../node/command/package-scripts.ts');
    const folder = dirname(place.path);
    const workspace = workspaceOf(place.path);
    const program = managerOf(folder, workspace);
    const words = scriptWords(program, place.script);
    const name = `${program} run ${place.script}`;
    return this.#profile.launch(commandOf(words, { workspace, cwd: folder, name, stdio: 'pipe' }));
  }

  /**
   * Runs a command without a shell.
   * @param wanted the command as it would be typed, where it is not to be asked for
   */
  async command(wanted: unknown): Promise<Snapshot | undefined> {
    const folder = await pickFolder();
    if (folder === undefined) return undefined;
    const text = typeof wanted === 'string' ? wanted : await this.askCommand('Profile Command');
    if (text === undefined) return undefined;
    const { wordsOf } = await import('../../node/command/parse-command.ts');
    const words = wordsOf(text);
    return this.#profile.launch(commandOf(words, { workspace: folder, stdio: 'pipe' }));
  }

  /** A command as it would be typed, the last one proposed; `undefined` when the choice was given up. */
  async askCommand(title: string): Promise<string | undefined> {
    const { wordsOf } = await import('../../node/command/parse-command.ts');
    const text = await vscode.window.showInputBox({
      title,
      prompt: 'A program and its arguments; quotes as in a shell, but none is started',
      placeHolder: 'node main.js --input "a file.txt"',
      value: this.#memory.get(memoryKey, ''),
      validateInput: (typed) => faultOf(() => wordsOf(typed)),
    });
    if (text !== undefined) await this.#memory.update(memoryKey, text);
    return text;
  }
}

function faultOf(read: () => unknown): string | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    if (error instanceof HumanError) return error.message;
    throw error;
  }
}

function isScriptPlace(value: unknown): value is ScriptPlace {
  return (
    typeof value === 'object' &&
    value !== null &&
    'path' in value &&
    typeof value.path === 'string' &&
    'script' in value &&
    typeof value.script === 'string'
  );
}

/** The open folder that a file lies in. */
function workspaceOf(path: string): string {
  const folder = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(path))?.uri.fsPath;
  if (folder !== undefined && folderPaths().includes(folder)) return folder;
  throw new HumanError('The file lies outside the open workspace. Open its folder to profile it.');
}

async function pickScript(): Promise<ScriptPlace | undefined> {
  const { scriptsIn } = await import('../../node/command/package-scripts.ts');
  const files = await vscode.workspace.findFiles('**/package.json', '**/node_modules/**', 200);
  const lists = await Promise.all(
    files
      .sort((a, b) => a.path.length - b.path.length)
      .map(async (uri) => {
        const text = new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
        return scriptsIn(text).map(({ name, command }) => ({
          label: name,
          description: vscode.workspace.asRelativePath(uri),
          detail: command,
          place: { path: uri.fsPath, script: name },
        }));
      }),
  );
  const scripts = lists.flat();
  if (scripts.length === 0)
    throw new HumanError('No package.json of this workspace has scripts. Use Profile Command….');
  const picked = await vscode.window.showQuickPick(scripts, {
    title: 'Profile npm Script',
    placeHolder: 'Script to run',
    matchOnDescription: true,
  });
  return picked?.place;
}
