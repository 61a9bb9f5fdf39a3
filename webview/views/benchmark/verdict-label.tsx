/** Labels for verdicts and regressions: a symbol and a word, because color alone is not accessible. */
import type { ChangeVerdict, Regression } from '../../../src/protocol/panel/benchmark-state.ts';

const symbols: Readonly<Record<ChangeVerdict, { readonly symbol: string; readonly color: string }>> = {
  improved: { symbol: '▼', color: 'green' },
  unchanged: { symbol: '≈', color: '' },
  inconclusive: { symbol: '?', color: '' },
  slower: { symbol: '▲', color: 'yellow' },
  regressed: { symbol: '▲', color: 'red' },
};

export function VerdictLabel({ verdict }: { readonly verdict: ChangeVerdict }) {
  const { symbol, color } = symbols[verdict];
  return (
    <span class="verdict">
      <span class={color} aria-hidden="true">
        {symbol}
      </span>{' '}
      {verdict}
    </span>
  );
}

export function RegressionList({ list }: { readonly list: readonly Regression[] }) {
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
