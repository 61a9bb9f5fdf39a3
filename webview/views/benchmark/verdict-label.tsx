/** The verdict of a comparison as people see it: a sign and its word, never a colour alone. */
import type { Regression, Verdict } from '../../../src/protocol/benchmark-state.ts';

const signs: Readonly<Record<Verdict, { readonly sign: string; readonly color: string }>> = {
  improved: { sign: '▼', color: 'green' },
  unchanged: { sign: '≈', color: '' },
  inconclusive: { sign: '?', color: '' },
  slower: { sign: '▲', color: 'yellow' },
  regressed: { sign: '▲', color: 'red' },
};

export function VerdictWord({ verdict }: { readonly verdict: Verdict }) {
  const { sign, color } = signs[verdict];
  return (
    <span class="verdict">
      <span class={color} aria-hidden="true">
        {sign}
      </span>{' '}
      {verdict}
    </span>
  );
}

/** All of them, by type and severity; nothing where there are none. */
export function Regressions({ list }: { readonly list: readonly Regression[] }) {
  if (list.length === 0) return null;
  return (
    <ul class="regressions" aria-label="Regressions">
      {list.map(({ type, severity, case: name, message }) => (
        <li key={`${type} ${name} ${message}`}>
          <span class="red" aria-hidden="true">
            ▲
          </span>{' '}
          <b>{severity}</b> {type.replaceAll('_', ' ')} · {name}: {message}
        </li>
      ))}
    </ul>
  );
}
