import type { FunctionLocation, StackSelection, StackView } from '../../protocol/panel/stack-view.ts';
import type { Stacks } from '../../protocol/stacks.ts';
import { type FileLines, linesOfFile } from './file-lines.ts';
import type { StackReference } from './stack-comparison.ts';
import { buildStackView, findStackFunction } from './stack-view.ts';

/** Stacks that the panel can show. */
export interface StackSource {
  /** Returns the selected stacks, or undefined if none were sampled. */
  stackView(selection: StackSelection, reference?: StackReference): StackView | undefined;
  /** Returns the ID of a function in the stacks, or undefined if it was not sampled. */
  findStackFunction(location: FunctionLocation): number | undefined;
  /** Returns the cost of the lines of a file, named as in the snapshot; undefined if no line was sampled. */
  linesOf(file: string): FileLines | undefined;
  /** Stacks of the run that was shown before. */
  readonly previousStacks?: StackReference | undefined;
}

/** Stacks that do not change, such as those of a file. They have no times of samples, so they are always shown whole. */
export class FixedStacks implements StackSource {
  readonly #stacks: Stacks;

  constructor(stacks: Stacks) {
    this.#stacks = stacks;
  }

  stackView({ range: _, ...selection }: StackSelection, reference?: StackReference): StackView {
    return buildStackView(this.#stacks, selection, { reference });
  }

  findStackFunction(location: FunctionLocation): number | undefined {
    return findStackFunction(this.#stacks.functions, location);
  }

  linesOf(file: string): FileLines | undefined {
    return linesOfFile(this.#stacks, file);
  }
}
