/** What a validation is started with: the profile that is picked, and what the settings say. */
import * as vscode from 'vscode';
import type { Settings } from '../settings.ts';
import { profileChoices } from './profiles.ts';

/** The profile that is picked; `undefined` when the choice was given up. */
export async function pickProfile(last: unknown): Promise<string | undefined> {
  const known = typeof last === 'string' ? last : undefined;
  const picked = await vscode.window.showQuickPick(
    profileChoices(undefined, known).map(({ id, description, detail }) => ({
      label: `$(checklist) ${id}`,
      description: id === known ? `${description} · last used` : description,
      detail,
      id,
    })),
    { title: 'Validate Workspace', placeHolder: 'Profile to validate with', matchOnDetail: true },
  );
  return picked?.id;
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
