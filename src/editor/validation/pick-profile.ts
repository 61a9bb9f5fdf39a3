/** Asks which profile a workspace is to be validated with. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { configFile } from '../../node/run/launch-spec.ts';
import type { OwnValidation } from '../../protocol/custom-validation.ts';
import { profileChoices } from './profile-choices.ts';

/**
 * The profile that is picked; `undefined` when the choice was given up.
 * @throws HumanError when the folder's `pipescope.json` cannot be read
 */
export async function pickProfile(folder: string, last: unknown): Promise<string | undefined> {
  const known = typeof last === 'string' ? last : undefined;
  const picked = await vscode.window.showQuickPick(
    profileChoices(await ownOf(folder), known).map(({ id, description, detail }) => ({
      label: `$(checklist) ${id}`,
      description: id === known ? `${description} · last used` : description,
      detail,
      id,
    })),
    { title: 'Validate Workspace', placeHolder: 'Profile to validate with', matchOnDetail: true },
  );
  return picked?.id;
}

async function ownOf(folder: string): Promise<OwnValidation | undefined> {
  if (!existsSync(join(folder, configFile))) return undefined;
  // Its reader knows a whole schema: most folders define nothing and never need it.
  const { ownValidation } = await import('../../node/config/config.ts');
  return ownValidation(folder);
}
