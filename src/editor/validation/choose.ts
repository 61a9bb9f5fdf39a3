/** What a validation is started with: the profile that is picked, and what the settings say. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { configFile } from '../../node/launch.ts';
import type { OwnValidation } from '../../protocol/own.ts';
import type { Settings } from '../settings.ts';
import { profileChoices } from './profiles.ts';

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
  const { ownValidation } = await import('../../node/config.ts');
  return ownValidation(folder);
}

/**
 * What the pipeline is told beside the folder.
 * @param root folder in which bundles gather
 */
export function argumentsOf(profile: string, root: string, settings: Settings): readonly string[] {
  const parallel = settings.get('dod.parallel');
  const base = settings.get('dod.base').trim();
  return [
    `--profile=${profile}`,
    `--bundles=${root}`,
    ...(parallel === 'profile' ? [] : [`--parallel=${parallel}`]),
    ...(settings.get('dod.renormalizeWeights') ? [] : ['--no-renormalize']),
    ...(base === '' ? [] : [`--base=${base}`]),
  ];
}
