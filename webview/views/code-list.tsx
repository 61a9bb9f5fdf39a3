/** List of the code that takes the CPU time of a run: a row for each group, with its share as a bar. */
import { duration, share } from '../../src/core/format.ts';
import type { CodeGroup, CodeKind, CodeTimes } from '../../src/protocol/code-times.ts';
import type { Color } from '../colors.ts';
import { codeColors } from '../component-colors.ts';
import { ColorSwatch } from './tables/table-cells.tsx';

const kinds: Readonly<Record<CodeKind, string>> = {
  workspace: 'my code',
  package: 'package',
  runtime: 'runtime',
  other: 'other',
};

export function CodeList({ code }: { readonly code: CodeTimes }) {
  const groupColors = codeColors(code);
  const isSampled = code.groups.some(({ source }) => source !== 'measured');
  return (
    <section class="card code" aria-labelledby="code-list-title">
      <h2 id="code-list-title">Where the time goes</h2>
      <table>
        <thead>
          <tr>
            <th scope="col">code</th>
            <th scope="col">share</th>
            <th scope="col">{isSampled ? 'CPU time' : 'self time'}</th>
            <th scope="col">kind</th>
          </tr>
        </thead>
        {code.groups.map((group) => (
          <Row
            key={`${group.kind} ${group.name}`}
            group={group}
            ratio={code.totalNs > 0 ? group.cpuNs / code.totalNs : 0}
            color={groupColors.get(group) ?? 'grey'}
          />
        ))}
      </table>
    </section>
  );
}

interface RowProps {
  readonly group: CodeGroup;
  readonly ratio: number;
  readonly color: Color;
}

function Row({ group: { name, kind, cpuNs, source, united, members }, ratio, color }: RowProps) {
  const mark = source === 'measured' ? '' : '~';
  const title = united === undefined ? name : members.join(', ') + (united > members.length ? ', …' : '');
  return (
    <tbody>
      <tr>
        <th scope="row" title={title}>
          <ColorSwatch color={color} />
          {name}
        </th>
        <td>{`${mark}${share(ratio)}`}</td>
        <td>{`${mark}${duration(cpuNs)}`}</td>
        <td class="dim">{kinds[kind]}</td>
      </tr>
      <tr>
        <td colSpan={4}>
          <svg class={`share-line ${color}`} viewBox="0 0 100 3" preserveAspectRatio="none" aria-hidden="true">
            <rect class="whole" width="100" height="3" />
            <rect width={(ratio * 100).toFixed(2)} height="3" />
          </svg>
        </td>
      </tr>
    </tbody>
  );
}
