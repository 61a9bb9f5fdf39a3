import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { marked, type Token, type Tokens } from 'marked';
import { codeBlock, inlineCode, quoteCommand, table } from '../../../../src/pipelines/validation/bundle/markdown.ts';
import { adviceOf } from '../../../../src/pipelines/validation/bundle/remediation.ts';
import { formatReport } from '../../../../src/pipelines/validation/bundle/report.ts';
import { escapeMarkdown } from '../../../../src/protocol/escape/escape-markdown.ts';
import { createSample, createSampleResult, mixed, type SampleResult } from '../sample-validation.ts';

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
const htmlOf = (markdown: string): string => marked.parse(markdown, { async: false, gfm: true });
const textIn = (html: string): string =>
  html.replaceAll(/<[^>]*>/g, '').replaceAll(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => entities[name] as string);
const tagsIn = (html: string): string[] => [...html.matchAll(/<([a-z][a-z0-9]*)/g)].map(([, name]) => name as string);
const collapseSpaces = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();

/** Texts with a special meaning in Markdown. */
const markdownParts = fc.constantFrom(
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
  fc.array(markdownParts, { maxLength: 8 }).map((parts) => parts.join('')),
  fc.string({ unit: 'grapheme' }),
);
/** Returns a text as it should be shown. */
const shown = (text: string): string =>
  collapseSpaces(text.replaceAll(/[\p{Cc}\u200b-\u200f\u2028-\u202e\u2060-\u2069\u061c\ufeff\ufff9-\ufffb]/gu, ' '));
const readable = texts.filter(
  (text) => !/[^\P{Cc}\s\u0085]|[\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/u.test(text),
);

describe('Markdown output', () => {
  const contexts: readonly [string, string[]][] = [
    ['x ', ['p']],
    ['- ', ['ul', 'li']],
    ['1. ', ['ol', 'li']],
    ['#### ', ['h4']],
  ];
  for (const [prefix, tags] of contexts) {
    it(`shows text literally after ${JSON.stringify(prefix)}`, () => {
      fc.assert(
        fc.property(readable, (text) => {
          const html = htmlOf(`${prefix}${escapeMarkdown(text)}`);
          assert.deepEqual(tagsIn(html), tags, html);
          assert.equal(collapseSpaces(textIn(html)), collapseSpaces(`${prefix === 'x ' ? prefix : ''}${shown(text)}`));
        }),
        { numRuns: 2000 },
      );
    });
  }

  it('keeps text and code within its table cell', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(readable, readable), { minLength: 1, maxLength: 3 }), (rows) => {
        const lines = table(
          ['a', 'b'],
          rows.map(([text, code]) => [escapeMarkdown(text), inlineCode(code, 'cell')]),
        );
        const [parsed, ...more] = marked
          .lexer(lines.join('\n'))
          .filter(({ type }) => type !== 'space') as Tokens.Table[];
        assert.deepEqual(more, []);
        assert.deepEqual(
          parsed?.rows.map((cells) => cells.map(({ tokens }) => collapseSpaces(textOf(tokens)))),
          rows.map(([text, code]) => [shown(text), shown(code) || '–']),
        );
        const kinds = new Set(
          parsed?.rows.flatMap((cells) => cells.flatMap(({ tokens }) => tokens.map(({ type }) => type))),
        );
        assert.deepEqual(
          [...kinds].filter((kind) => !['text', 'escape', 'codespan'].includes(kind)),
          [],
        );
      }),
      { numRuns: 2000 },
    );
  });

  it('keeps code within its block', () => {
    fc.assert(
      fc.property(readable, (text) => {
        const [first, ...more] = marked.lexer(['a', '', ...codeBlock(text, 'sh'), '', 'b'].join('\n'));
        const kinds = [first, ...more].map((token) => token?.type).filter((type) => type !== 'space');
        assert.deepEqual(kinds, ['paragraph', 'code', 'paragraph']);
      }),
      { numRuns: 1000 },
    );
  });

  const invisible: readonly [string, string][] = [
    ['\u001b[31mred', '<U+001B>[31mred'],
    ['a\u202eb', 'a<U+202E>b'],
    ['a\u200bb', 'a<U+200B>b'],
    ['a\0b', 'a<U+0000>b'],
  ];
  for (const [text, expected] of invisible) {
    it(`shows an invisible character as in ${expected}`, () => {
      assert.equal(textIn(htmlOf(escapeMarkdown(text))).trim(), expected);
      assert.equal(textIn(htmlOf(inlineCode(text))).trim(), expected);
    });
  }

  it('quotes commands for the shell', () => {
    const argumentLists = fc.array(
      fc.string({ unit: 'grapheme-ascii' }).filter((argument) => !argument.includes('\0')),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(argumentLists, (args) => {
        const command = quoteCommand([process.execPath, '-p', 'JSON.stringify(process.argv.slice(1))', '--', ...args]);
        assert.deepEqual(JSON.parse(execFileSync('/bin/sh', ['-c', command], { encoding: 'utf8' })), args);
      }),
      { numRuns: 15 },
    );
  });
});

function textOf(tokens: readonly Token[]): string {
  return tokens.map((token) => ('text' in token ? String(token['text']) : token.raw)).join('');
}

describe('formatReport', () => {
  const headings = (markdown: string): string[] =>
    marked.lexer(markdown).flatMap((token) => (token.type === 'heading' ? [textIn(htmlOf(token.raw)).trim()] : []));
  const tables = (markdown: string): string[][][] =>
    marked
      .lexer(markdown)
      .filter((token): token is Tokens.Table => token.type === 'table')
      .map(({ header, rows }) => [header, ...rows].map((cells) => cells.map(({ tokens }) => textOf(tokens).trim())));
  const validation = createSample(mixed, {
    verdict: 'not_ready',
    runVerdict: 'fail',
    reasons: ['BLD_TYPECHECK is fatal and failed.'],
    score: 41,
  });
  const text = formatReport(validation);

  it('writes the sections in order', () => {
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
      'Fix the types',
      'Method',
    ]);
  });

  it('starts with verdict, score, profile, mode, duration and commit', () => {
    assert.deepEqual(tables(text)[0], [
      ['Verdict', '❌ FAIL'],
      ['Score', '41/100 (minimum 70)'],
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

  it('writes one table per category', () => {
    assert.deepEqual(tables(text)[3], [
      ['Check', 'Verdict', 'Severity', 'Duration', 'Message'],
      ['BLD_TYPECHECK', '❌ fail', 'fatal', '1.50 s', '2 errors in 1 file.'],
      ['BLD_LINT', '⚠️ warn', 'warning', '200.0 ms', '1 warning.'],
      ['BLD_FORMAT', '⏭️ skip (tool_missing)', 'warning', '0.0 ms', 'No formatter is installed.'],
    ]);
  });

  it('writes the locations of findings and their remediation', () => {
    assert.match(text, /^- `src\/a\.ts:3` Cannot find name 'b'\.$/m);
    assert.match(text, /^- `src\/a\.ts` differs$/m);
    assert.match(text, /^1\. Open src\/a\.ts\.$/m);
    assert.match(text, /^```sh\nnpx tsc -b\n```$/m);
  });

  it('states the number of omitted findings', () => {
    const findings = Array.from({ length: 130 }, (_, line) => ({ file: 'a.ts', line, message: 'm' }));
    const many = formatReport(createSample([{ id: 'A', findings }]));
    assert.equal(many.match(/^- `a\.ts:\d+` m$/gm)?.length, 100);
    assert.match(many, /^- 30 more in report\.json$/m);
  });

  it('writes the time budget and suggested timeouts', () => {
    const suggestions = [{ id: 'A_B', timeoutMs: 1500, runs: 7, p50Ns: 2e8, p95Ns: 4e8, p99Ns: 5e8 }];
    assert.match(text, /The time budget was 5\.00 s\.$/m);
    assert.match(formatReport(createSample(mixed, { budgetMs: 0 })), /There was no time budget\.$/m);
    const row = /^\| `A_B` \| 7 \| 200\.0 ms \| 400\.0 ms \| 500\.0 ms \| 1\.50 s \|$/m;
    assert.match(formatReport(createSample(mixed, { suggestions })), row);
  });

  it('marks durations of stopped checks as lower bounds, categories that do not apply, and files that are not judged', () => {
    const text = formatReport(
      createSample(
        [
          {
            id: 'SLOW',
            status: 'skip',
            skipReason: 'timeout',
            stopped: true,
            durationNs: 2e9,
            message: 'Check timed out.',
          },
          { id: 'GONE', category: 'generation', status: 'skip', skipReason: 'not_applicable', durationNs: 1e6 },
        ],
        {
          coverage: {
            ...{ judged: 5, untracked: 1, foreign: 0, binary: 2, large: 0, pointers: 3, missing: 1 },
            ...{ ignored: 0, submodules: 0, nestedRepositories: 1 },
          },
        },
      ),
    );
    assert.match(text, /\| `SLOW` \| .*timeout.* \| at least 2\.00 s \|/);
    assert.match(text, /\| D\. Build correctness \| not evaluated \|.*\| at least 2\.00 s \|/);
    assert.match(text, /\| F\. Generated code \| not applicable \|.*\| 1\.0 ms \|/);
    assert.match(
      text,
      /- Files: 5 judged \(1 file untracked\); not judged: 2 binary, 3 Git LFS pointers, 1 deleted or a link, 1 nested repository\./,
    );
  });

  it('warns about large evidence', () => {
    assert.match(
      formatReport(createSample(mixed, { evidenceBytes: 11e6 })),
      /^- \*\*warning\*\*: The evidence takes 11/m,
    );
    assert.match(
      formatReport(createSample(mixed, { evidenceBytes: 51e6 })),
      /^- \*\*error\*\*: The evidence takes 51/m,
    );
    assert.doesNotMatch(text, /The evidence takes/);
  });

  it('supports a validation without checks, commit and findings', () => {
    const { git, ...rest } = createSample([]);
    assert.ok(git);
    const empty = formatReport(rest);
    assert.match(empty, /\| Commit \| no commit \|/);
    assert.match(empty, /## Findings\n\nNo findings\./);
    assert.match(empty, /## Remediation\n\nNo action required\./);
    assert.doesNotMatch(empty, /NaN|undefined|Infinity/);
  });
});

describe('adviceOf', () => {
  const install = { title: 'Install it', steps: ['npm ci'], command: ['npm', 'ci'] };
  const checks = (results: readonly SampleResult[]) => results.map(createSampleResult);

  it('merges equal remediations at the highest priority', () => {
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

  it('is sorted by priority in the report', () => {
    const results = (['low', 'critical', 'medium', 'high'] as const).map((priority) => ({
      id: priority,
      remediation: [{ priority, title: `It is ${priority}`, steps: [] }],
    }));
    const order = [...formatReport(createSample(results)).matchAll(/^#### It is (\w+)$/gm)].map(
      ([, priority]) => priority,
    );
    assert.deepEqual(order, ['critical', 'high', 'medium', 'low']);
  });
});
