import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { marked, type Token, type Tokens } from 'marked';
import { block, code, plain, shellWords, table } from '../../../../src/pipelines/validation/bundle/markdown.ts';
import { adviceOf } from '../../../../src/pipelines/validation/bundle/remediation.ts';
import { reportOf } from '../../../../src/pipelines/validation/bundle/report.ts';
import { mixed, resultOf, type Told, validationOf } from '../sample-validation.ts';

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
const htmlOf = (markdown: string): string => marked.parse(markdown, { async: false, gfm: true });
const textIn = (html: string): string =>
  html.replaceAll(/<[^>]*>/g, '').replaceAll(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => entities[name] as string);
const tagsIn = (html: string): string[] => [...html.matchAll(/<([a-z][a-z0-9]*)/g)].map(([, name]) => name as string);
const squeezed = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();

/** What programs may print, and what Markdown would make of it. */
const tempting = fc.constantFrom(
  ...[
    '**b**',
    '_i_',
    '`',
    '```',
    '|',
    '\\',
    '<img src=x onerror=alert(1)>',
    '</td>',
    '[a](http://x.y)',
    '![a](b)',
    '# ',
    '> ',
    '- ',
  ],
  ...[
    '1. ',
    '1) ',
    '+ ',
    '~~s~~',
    '***',
    '---',
    '===',
    '&lt;',
    '&#60;',
    'http://x.y/z',
    'https://a.b',
    'www.a.bc',
    'me@a.bc',
    '[ ] ',
  ],
  ...[
    '\n',
    '\r\n',
    '\n\n',
    '    ',
    '\t',
    '[^1]',
    '[x]: http://y.z',
    '<!-- ',
    '$x$',
    ':+1:',
    'é',
    '😀',
    'a',
    ' ',
    '"',
    "'",
  ],
);
const texts = fc.oneof(
  fc.array(tempting, { maxLength: 8 }).map((parts) => parts.join('')),
  fc.string({ unit: 'grapheme' }),
);
const shown = (text: string): string =>
  squeezed(text.replaceAll(/[\p{Cc}\u200b-\u200f\u2028-\u202e\u2060-\u2069\u061c\ufeff\ufff9-\ufffb]/gu, ' '));
const readable = texts.filter(
  (text) => !/[^\P{Cc}\s\u0085]|[\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/u.test(text),
);

describe('text in a report', () => {
  const places: readonly [string, string[]][] = [
    ['x ', ['p']],
    ['- ', ['ul', 'li']],
    ['1. ', ['ol', 'li']],
    ['#### ', ['h4']],
  ];
  for (const [place, tags] of places) {
    it(`reads as it is, and is never markup, after ${JSON.stringify(place)}`, () => {
      fc.assert(
        fc.property(readable, (text) => {
          const html = htmlOf(`${place}${plain(text)}`);
          assert.deepEqual(tagsIn(html), tags, html);
          assert.equal(squeezed(textIn(html)), squeezed(`${place === 'x ' ? place : ''}${shown(text)}`));
        }),
        { numRuns: 2000 },
      );
    });
  }

  it('stays in its cell, as words and as code', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(readable, readable), { minLength: 1, maxLength: 3 }), (rows) => {
        const lines = table(
          ['a', 'b'],
          rows.map(([words, text]) => [plain(words), code(text, 'cell')]),
        );
        const [read, ...more] = marked.lexer(lines.join('\n')).filter(({ type }) => type !== 'space') as Tokens.Table[];
        assert.deepEqual(more, []);
        assert.deepEqual(
          read?.rows.map((cells) => cells.map(({ tokens }) => squeezed(textOf(tokens)))),
          rows.map(([words, text]) => [shown(words), shown(text) || '–']),
        );
        const kinds = new Set(
          read?.rows.flatMap((cells) => cells.flatMap(({ tokens }) => tokens.map(({ type }) => type))),
        );
        assert.deepEqual(
          [...kinds].filter((kind) => !['text', 'escape', 'codespan'].includes(kind)),
          [],
        );
      }),
      { numRuns: 2000 },
    );
  });

  it('stays in its block', () => {
    fc.assert(
      fc.property(readable, (text) => {
        const [first, ...more] = marked.lexer(['a', '', ...block(text, 'sh'), '', 'b'].join('\n'));
        const kinds = [first, ...more].map((token) => token?.type).filter((type) => type !== 'space');
        assert.deepEqual(kinds, ['paragraph', 'code', 'paragraph']);
      }),
      { numRuns: 1000 },
    );
  });

  const unseen: readonly [string, string][] = [
    ['\u001b[31mred', '<U+001B>[31mred'],
    ['a\u202eb', 'a<U+202E>b'],
    ['a\u200bb', 'a<U+200B>b'],
    ['a\0b', 'a<U+0000>b'],
  ];
  for (const [text, expected] of unseen) {
    it(`is ${expected}, where that could not be seen`, () => {
      assert.equal(textIn(htmlOf(plain(text))).trim(), expected);
      assert.equal(textIn(htmlOf(code(text))).trim(), expected);
    });
  }

  it('is a command that a shell reads as it was', () => {
    const words = fc.array(
      fc.string({ unit: 'grapheme-ascii' }).filter((word) => !word.includes('\0')),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(words, (args) => {
        const command = shellWords([process.execPath, '-p', 'JSON.stringify(process.argv.slice(1))', '--', ...args]);
        assert.deepEqual(JSON.parse(execFileSync('/bin/sh', ['-c', command], { encoding: 'utf8' })), args);
      }),
      { numRuns: 15 },
    );
  });
});

function textOf(tokens: readonly Token[]): string {
  return tokens.map((token) => ('text' in token ? String(token['text']) : token.raw)).join('');
}

describe('a report', () => {
  const headings = (markdown: string): string[] =>
    marked.lexer(markdown).flatMap((token) => (token.type === 'heading' ? [textIn(htmlOf(token.raw)).trim()] : []));
  const tables = (markdown: string): string[][][] =>
    marked
      .lexer(markdown)
      .filter((token): token is Tokens.Table => token.type === 'table')
      .map(({ header, rows }) => [header, ...rows].map((cells) => cells.map(({ tokens }) => textOf(tokens).trim())));
  const validation = validationOf(mixed, {
    verdict: 'not_ready',
    runVerdict: 'fail',
    reasons: ['BLD_TYPECHECK is fatal and failed.'],
    score: 41,
  });
  const text = reportOf(validation);

  it('has its sections in order', () => {
    assert.deepEqual(headings(text), [
      'Definition of Done',
      'Summary',
      'Checks by category',
      'A. Workspace integrity',
      'D. Build correctness',
      'Our own',
      'Findings',
      'WS_GIT_CLEAN',
      'BLD_TYPECHECK',
      'Remediation',
      'Critical',
      'Mend the types',
      'How the numbers were got',
    ]);
  });

  it('says verdict, score, profile, mode, duration and commit first', () => {
    assert.deepEqual(tables(text)[0], [
      ['Verdict', '❌ FAIL'],
      ['Score', '41/100, at least 70 wanted'],
      ['Profile', 'dev'],
      ['Mode', 'strict'],
      ['Duration', '852.0 ms'],
      ['Commit', '1234567890abcdef1234567890abcdef12345678 on main'],
      ['Workspace', '/home/someone/shop'],
      ['Started', '2026-01-31T23:59:58.123Z'],
    ]);
    assert.match(text, /^- BLD_TYPECHECK is fatal and failed\.$/m);
    assert.match(text, /^- 5 checks: 2 passed, 1 failed, 1 warned, 1 skipped\.$/m);
  });

  it('has one table for each category', () => {
    assert.deepEqual(tables(text)[3], [
      ['Check', 'Verdict', 'Severity', 'Duration', 'Message'],
      ['BLD_TYPECHECK', '❌ fail', 'fatal', '1.50 s', '2 errors in 1 file.'],
      ['BLD_LINT', '⚠️ warn', 'warning', '200.0 ms', '1 warning.'],
      ['BLD_FORMAT', '⏭️ skip (tool_missing)', 'warning', '0.0 ms', 'No formatter is installed.'],
    ]);
  });

  it('names the places of its findings, and the way out', () => {
    assert.match(text, /^- `src\/a\.ts:3` Cannot find name 'b'\.$/m);
    assert.match(text, /^- `src\/a\.ts` differs$/m);
    assert.match(text, /^1\. Open src\/a\.ts\.$/m);
    assert.match(text, /^```sh\nnpx tsc -b\n```$/m);
  });

  it('says how many findings it leaves out', () => {
    const findings = Array.from({ length: 130 }, (_, line) => ({ file: 'a.ts', line, message: 'm' }));
    const many = reportOf(validationOf([{ id: 'A', findings }]));
    assert.equal(many.match(/^- `a\.ts:\d+` m$/gm)?.length, 100);
    assert.match(many, /^- and 30 more, in report\.json$/m);
  });

  it('says what time there was, and what a check would do with', () => {
    const suggestions = [{ id: 'A_B', timeoutMs: 1500, runs: 7, p50Ns: 2e8, p95Ns: 4e8, p99Ns: 5e8 }];
    assert.match(text, /The budget was 5\.00 s\.$/m);
    assert.match(reportOf(validationOf(mixed, { budgetMs: 0 })), /There was no budget\.$/m);
    const row = /^\| `A_B` \| 7 \| 200\.0 ms \| 400\.0 ms \| 500\.0 ms \| 1\.50 s \|$/m;
    assert.match(reportOf(validationOf(mixed, { suggestions })), row);
  });

  it('warns of much evidence', () => {
    assert.match(reportOf(validationOf(mixed, { evidenceBytes: 11e6 })), /^- \*\*warning\*\*: The evidence takes 11/m);
    assert.match(reportOf(validationOf(mixed, { evidenceBytes: 51e6 })), /^- \*\*error\*\*: The evidence takes 51/m);
    assert.doesNotMatch(text, /The evidence takes/);
  });

  it('is whole without a check, a commit or a finding', () => {
    const { git, ...rest } = validationOf([]);
    assert.ok(git);
    const empty = reportOf(rest);
    assert.match(empty, /\| Commit \| none \|/);
    assert.match(empty, /## Findings\n\nNone\./);
    assert.match(empty, /## Remediation\n\nNothing to do\./);
    assert.doesNotMatch(empty, /NaN|undefined|Infinity/);
  });
});

describe('advice', () => {
  const install = { title: 'Install it', steps: ['npm ci'], command: ['npm', 'ci'] };
  const checks = (told: readonly Told[]) => told.map(resultOf);

  it('is given once, for all checks that ask, at the highest priority', () => {
    const advice = adviceOf(
      checks([
        { id: 'A', remediation: [{ ...install, priority: 'low' }] },
        {
          id: 'B',
          remediation: [
            { ...install, priority: 'critical' },
            { ...install, priority: 'medium' },
          ],
        },
        { id: 'C', remediation: [{ ...install, priority: 'high', steps: ['npm i'] }] },
      ]),
    );
    assert.deepEqual(
      advice.map(({ checks: ids, priority, steps }) => [ids, priority, steps]),
      [
        [['A', 'B'], 'critical', ['npm ci']],
        [['C'], 'high', ['npm i']],
      ],
    );
  });

  it('stands in the report by priority', () => {
    const told = (['low', 'critical', 'medium', 'high'] as const).map((priority) => ({
      id: priority,
      remediation: [{ priority, title: `It is ${priority}`, steps: [] }],
    }));
    const order = [...reportOf(validationOf(told)).matchAll(/^#### It is (\w+)$/gm)].map(([, priority]) => priority);
    assert.deepEqual(order, ['critical', 'high', 'medium', 'low']);
  });
});
