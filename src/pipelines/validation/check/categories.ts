/** Categories of the Definition of Done (A to H) and their weights in the readiness score. */

export interface Category {
  readonly id: string;
  readonly letter: string;
  readonly title: string;
  /** Share of the readiness score. The weights sum to 1. A category with weight 0 affects only the verdict. */
  readonly weight: number;
}

export const categories: readonly Category[] = [
  { id: 'workspace', letter: 'A', title: 'Workspace integrity', weight: 0 },
  { id: 'intent', letter: 'B', title: 'Intent alignment', weight: 0.05 },
  { id: 'tools', letter: 'C', title: 'Tool registry', weight: 0.15 },
  { id: 'build', letter: 'D', title: 'Build correctness', weight: 0.25 },
  { id: 'tests', letter: 'E', title: 'Test truth', weight: 0.25 },
  { id: 'generation', letter: 'F', title: 'Generated code', weight: 0.2 },
  { id: 'safety', letter: 'G', title: 'Safety invariants', weight: 0.1 },
  { id: 'deployment', letter: 'H', title: 'Deployment readiness', weight: 0 },
];
