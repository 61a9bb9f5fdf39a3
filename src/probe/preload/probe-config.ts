/** What the host wished when it started the program. */
import { isWishes, type Wishes } from '../../protocol/control.ts';
import { wishesVariable } from '../../protocol/environment-variables.ts';

export function currentWishes(): Wishes {
  try {
    const told: unknown = JSON.parse(process.env[wishesVariable] ?? '');
    if (isWishes(told)) return told;
  } catch {
    // Without wishes the usual ones hold.
  }
  return { samplingNs: 1e6, exact: [], budgetRatio: 0.01, workspace: process.cwd() };
}
