/** Loads the code that shows timings without CodeLens once a setting asks for it. */
import type * as vscode from 'vscode';
import type { CurrentRun } from '../current-run.ts';
import type { Settings } from '../settings.ts';
import type { Decorations } from './decorations.ts';
import type { Lens } from './lens.ts';

export class Display {
  readonly #listener: vscode.Disposable;
  #decorations: Promise<Decorations> | undefined;

  constructor(lens: Lens, currentRun: CurrentRun, settings: Settings) {
    const load = () => {
      const mode = settings.get('display.mode');
      if (mode === 'lens' || mode === 'off') return;
      this.#decorations ??= import('./decorations.ts').then(
        ({ Decorations }) => new Decorations(lens, currentRun, settings),
      );
    };
    this.#listener = settings.onChange(load);
    load();
  }

  dispose(): void {
    this.#listener.dispose();
    void this.#decorations?.then((decorations) => decorations.dispose());
  }
}
