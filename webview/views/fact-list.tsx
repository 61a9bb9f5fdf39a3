/** A list of terms with their values. */
import type { ComponentChildren } from 'preact';

export type Fact = readonly [term: string, value: ComponentChildren];

export function FactList({ facts }: { readonly facts: readonly Fact[] }) {
  return (
    <dl>
      {facts.map(([term, value]) => (
        <div key={term}>
          <dt>{term}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
