/** Lets the user pick the profile for a validation. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { configFile } from '../../node/run/pipelines.ts';
import type { CustomValidation } from '../../protocol/validation/custom-validation.ts';
import { escapeLabel } from '../escape-label.ts';
import { profileChoices } from './profile-choices.ts';

/**
 * Returns undefined if the user cancels.
 * @param last id of the last profile used
 * @throws HumanError if the folder's `pipescope.json` is invalid
 */
export async function pickProfile(folder: string, last: unknown): Promise<string | undefined> {
  const lastId = typeof last === 'string' ? last : undefined;
  const picked = await vscode.window.showQuickPick(
    profileChoices(await readConfig(folder), lastId).map(({ id, description, detail }) => ({
      label: `$(checklist) ${escapeLabel(id)}`,
      description: id === lastId ? `${description} · last used` : description,
      detail,
      id,
    })),
    { title: 'Validate Workspace', placeHolder: 'Select a profile', matchOnDetail: true },
  );
  return picked?.id;
}

async function readConfig(folder: string): Promise<CustomValidation | undefined> {
  if (!existsSync(join(folder, configFile))) return undefined;
  // The module with the whole schema is loaded only if the folder has a configuration.
  const { readCustomValidation } = await import('../../node/config/config.ts');
  return readCustomValidation(folder);
}
