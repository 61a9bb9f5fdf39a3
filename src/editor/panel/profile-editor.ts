/** Opens profiles of other tools in an editor with the page of the panel. Their code is loaded with the first one. */
import * as vscode from 'vscode';
import type { PanelOptions } from './panel.ts';

/** ID of the editor in the manifest. */
export const profileEditorId = 'pipescope.profile';

export class ProfileEditor implements vscode.CustomReadonlyEditorProvider {
  readonly #options: PanelOptions;
  readonly #registration = vscode.window.registerCustomEditorProvider(profileEditorId, this);

  constructor(options: PanelOptions) {
    this.#options = options;
  }

  openCustomDocument(uri: vscode.Uri): vscode.CustomDocument {
    return { uri, dispose: () => undefined };
  }

  async resolveCustomEditor({ uri }: vscode.CustomDocument, panel: vscode.WebviewPanel): Promise<void> {
    const { showProfile } = await import('./show-profile.ts');
    await showProfile(uri, panel, this.#options);
  }

  dispose(): void {
    this.#registration.dispose();
  }
}
