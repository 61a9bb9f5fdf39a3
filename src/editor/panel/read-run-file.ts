import { posix } from 'node:path';
import * as vscode from 'vscode';
import { HumanError } from '../../core/human-error.ts';
import { readRun } from '../../node/profiles/read/read-run.ts';
import type { Snapshot } from '../../protocol/snapshot.ts';

/** Larger files would take more memory than the extension host has. */
const maxBytes = 512 * 1024 * 1024;

/**
 * Reads an exported snapshot or a profile of another tool.
 *
 * @throws HumanError if the file is too large or neither of both, or the file system's error
 */
export async function readRunFile(uri: vscode.Uri): Promise<Snapshot> {
  const name = posix.basename(uri.path);
  const { size } = await vscode.workspace.fs.stat(uri);
  if (size > maxBytes) throw new HumanError(`${name} is larger than 512 MiB. Open a shorter profile.`);
  return readRun(await vscode.workspace.fs.readFile(uri), name);
}
