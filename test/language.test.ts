/**
 * Checks the language rules of docs/CONTRIBUTING.md that a program can check: names, comment openers, words in texts that
 * users see, and the size and naming of folders and files. Each rule is shown planted violations first.
 */
import { strict as assert } from 'node:assert';
import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { ts } from '@ts-morph/common';

const root = resolve(import.meta.dirname, '..');
const maxFilesPerFolder = 14;

/** Names that this code base once used. They do not describe the value they stand for. */
const forbiddenIdentifiers = new Set(
  [
    'bare bared barely dice ears earsOf errand found heed kept known leaveNote most obey one own',
    'patience roster said say stint tell told word words wish wishes wordsOf',
  ].flatMap((line) => line.split(' ')),
);
const forbiddenFileNames = new Set(
  'answer barely common danger dice door expense helper helpers kept manager own papers roster service stint told util utils wishes word words'.split(
    ' ',
  ),
);
/** In texts for users and in documentation. Text in code spans is exempt. */
const forbiddenPhrases = [
  /\bmend(?:s|ed|ing)?\b/i,
  /\bpapers?\b/i,
  /\bwish(?:es|ed)?\b/i,
  /\bwhoever\b/i,
  /\bof (?:its|their|one's|a person's) own\b/i,
  /(?<!\bthere )\bis no (?!longer\b)\w+/i,
  /\bthat is none\b/i,
  /\bcircles? of imports\b/i,
  /\bknown holes?\b/i,
  /\btold\b/i,
];
const forbiddenOpener = /^(?:What|Which|Whether|How|Where|Of)\b/;

interface Source {
  readonly path: string;
  readonly text: string;
}

function parse({ path, text }: Source): ts.SourceFile {
  const kind = path.endsWith('.tsx') ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
  return ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true, kind);
}

function visit(node: ts.Node, onNode: (node: ts.Node) => void): void {
  onNode(node);
  ts.forEachChild(node, (child) => visit(child, onNode));
}

/** Returns the identifiers that a file declares: variables, parameters, functions, types, members, properties. */
function declaredNames(source: Source): string[] {
  const names: string[] = [];
  visit(parse(source), (node) => {
    if (!ts.isIdentifier(node) && !ts.isPrivateIdentifier(node)) return;
    const { parent } = node;
    const isDeclared =
      'name' in parent &&
      parent.name === node &&
      !ts.isPropertyAccessExpression(parent) &&
      !ts.isPropertyAssignment(parent) &&
      !ts.isShorthandPropertyAssignment(parent);
    if (isDeclared) names.push(node.text.replace('#', ''));
  });
  return names;
}

/** Returns the first line of every doc comment. */
function commentOpeners({ text }: Source): string[] {
  return [...text.matchAll(/\/\*\*\s*\n?\s*\*?\s*([^\n]*)/g)].map(([, line]) => line?.trim() ?? '');
}

/** Returns the literals that read as sentences: those with at least two blanks. */
function sentences(source: Source): string[] {
  const texts: string[] = [];
  visit(parse(source), (node) => {
    const isText =
      ts.isStringLiteralLike(node) ||
      ts.isTemplateHead(node) ||
      ts.isTemplateMiddle(node) ||
      ts.isTemplateTail(node) ||
      ts.isJsxText(node);
    if (isText && /\S\s+\S+\s+\S/.test(node.text)) texts.push(node.text);
  });
  return texts;
}

/** Returns the prose of a Markdown file, without code blocks and code spans. */
function prose({ text }: Source): string {
  return text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`]*`/g, '');
}

function phrasesIn(text: string): string[] {
  return forbiddenPhrases.flatMap((pattern) => pattern.exec(text)?.[0] ?? []);
}

function exportedTypes(source: Source): string[] {
  return parse(source).statements.flatMap((statement) => {
    const isType =
      ts.isInterfaceDeclaration(statement) ||
      ts.isTypeAliasDeclaration(statement) ||
      ts.isClassDeclaration(statement) ||
      ts.isEnumDeclaration(statement);
    const isExported = isType && statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
    return isExported && statement.name ? [statement.name.text] : [];
  });
}

/** Returns a sentence for each name that occurs in more than one place. */
function duplicates(what: string, places: readonly { readonly name: string; readonly path: string }[]): string[] {
  return [...Map.groupBy(places, ({ name }) => name)]
    .filter(([, sharing]) => sharing.length > 1)
    .map(([name, sharing]) => `${what} share the name ${name}: ${sharing.map(({ path }) => path).join(', ')}`)
    .sort();
}

function roomOf(path: string): string {
  return path.startsWith('src/') ? path.split('/').slice(0, 2).join('/') : 'webview';
}

/** Returns every violation in a set of source files, as sentences. */
function violationsIn(files: readonly Source[]): string[] {
  const crowded = Map.groupBy(files, ({ path }) => dirname(path));
  const baseNames = files.map(({ path }) => ({
    name: `${basename(path).replace(/\.\w+$/, '')} in ${roomOf(path)}`,
    path,
  }));
  const types = files.flatMap((file) => exportedTypes(file).map((name) => ({ name, path: file.path })));
  return [
    ...files.flatMap((file) => [
      ...declaredNames(file)
        .filter((name) => forbiddenIdentifiers.has(name))
        .map((name) => `${file.path} declares ${name}`),
      ...commentOpeners(file)
        .filter((line) => forbiddenOpener.test(line))
        .map((line) => `${file.path} has a comment that starts with: ${line}`),
      ...sentences(file).flatMap((text) =>
        phrasesIn(text).map((phrase) => `${file.path} shows users "${phrase}" in: ${text.trim()}`),
      ),
      ...(/^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.d)?\.tsx?$|\.css\.d\.ts$|^css\.d\.ts$/.test(basename(file.path))
        ? []
        : [`${file.path} is not in kebab-case`]),
      ...file.path
        .split(/[/.]/)
        .filter((name) => forbiddenFileNames.has(name))
        .map((name) => `${file.path} is named ${name}`),
      ...file.path
        .split('/')
        .slice(0, -1)
        .filter((name) => /^(?:build|tests?|dist|out)$/.test(name))
        .map((name) => `${file.path} is in a folder that tools take for ${name} output`),
    ]),
    ...[...crowded]
      .filter(([, inside]) => inside.length > maxFilesPerFolder)
      .map(([folder, inside]) => `${folder} has ${inside.length} files`),
    ...duplicates('Files', baseNames),
    ...duplicates('Exported types', types),
  ];
}

function read(pattern: string): Source[] {
  return globSync(pattern, { cwd: root }).map((path) => ({
    path: path.replaceAll('\\', '/'),
    text: readFileSync(join(root, path), 'utf8'),
  }));
}

describe('the language of the code', function () {
  this.timeout(60_000);
  const files = [...read('src/**/*.ts'), ...read('webview/**/*.{ts,tsx}')];

  it('is checked in every file', () => {
    assert.ok(files.length > 400, `${files.length}`);
    assert.ok(files.flatMap(declaredNames).length > 5000);
    assert.ok(files.flatMap(commentOpeners).length > 1000);
    assert.ok(files.flatMap(sentences).length > 500);
    assert.ok(files.flatMap(exportedTypes).length > 300);
  });

  it('follows the rules', () => {
    assert.deepEqual(violationsIn(files), []);
  });

  const crowd = Array.from({ length: maxFilesPerFolder + 1 }, (_, index) => ({
    path: `src/core/crowd/file-${index}.ts`,
    text: '',
  }));
  const planted: readonly [string, readonly Source[]][] = [
    ['a forbidden variable', [{ path: 'src/core/x.ts', text: 'const told = 1;' }]],
    ['a forbidden parameter', [{ path: 'src/core/x.ts', text: 'export const f = (one: number) => 1;' }]],
    ['a forbidden private member', [{ path: 'src/core/x.ts', text: 'class A { #wishes = 1; }' }]],
    ['a forbidden destructured name', [{ path: 'src/core/x.ts', text: 'const { a: known } = b;' }]],
    ['a comment that starts with "What"', [{ path: 'src/core/x.ts', text: '/** What it does. */\nconst a = 1;' }]],
    ['a comment that starts with "Of"', [{ path: 'src/core/x.ts', text: '/**\n * Of a file.\n */\nconst a = 1;' }]],
    ['a message with "Mend"', [{ path: 'src/core/x.ts', text: "const a = 'Mend the types of this file.';" }]],
    ['a template with "is no"', [{ path: 'src/core/x.ts', text: `const a = \`That \${b} is no file here.\`;` }]],
    ['markup with "wishes"', [{ path: 'webview/x.tsx', text: 'const a = <p>Shows all the wishes.</p>;' }]],
    ['a file that is not in kebab-case', [{ path: 'src/core/aName.ts', text: '' }]],
    ['a forbidden file name', [{ path: 'src/core/stint.ts', text: '' }]],
    ['a folder that looks like tests', [{ path: 'src/core/tests/x.ts', text: '' }]],
    ['a crowded folder', crowd],
    [
      'two files of one name in a room',
      [
        { path: 'src/core/a/x.ts', text: '' },
        { path: 'src/core/b/x.ts', text: '' },
      ],
    ],
    [
      'two exported types of one name',
      [
        { path: 'src/core/x.ts', text: 'export interface A { b: 1 }' },
        { path: 'src/node/y.ts', text: 'export type A = 1;' },
      ],
    ],
  ];
  for (const [what, sources] of planted) {
    it(`reports ${what}`, () => {
      assert.equal(violationsIn(sources).length, 1, violationsIn(sources).join('\n'));
    });
  }

  it('does not report the plain version of the planted violations', () => {
    const text = '/** Returns a copy. */\nexport const copy = () => "This is no longer needed here.";\nlist.at(-1);';
    assert.deepEqual(violationsIn([{ path: 'src/core/x.ts', text }]), []);
  });
});

describe('the language of the documentation', () => {
  const documents = [...read('*.md'), ...read('docs/**/*.md')];
  const manifest = read('package.json')[0] as Source;

  it('contains no forbidden phrase', () => {
    assert.ok(documents.length >= 10, `${documents.length}`);
    for (const document of documents) assert.deepEqual(phrasesIn(prose(document)), [], document.path);
  });

  it('names only files that exist', () => {
    const paths = documents.flatMap(({ path, text }) =>
      [...text.matchAll(/`((?:src|test|webview|docs|media)\/[^`\s]*)`/g)].map(([, file]) => ({
        path,
        file: file ?? '',
      })),
    );
    assert.ok(paths.length > 60, `${paths.length}`);
    assert.deepEqual(
      paths.filter(({ file }) => globSync(file, { cwd: root }).length === 0),
      [],
    );
  });

  it('names only commands that exist', () => {
    const titles = new Set([...manifest.text.matchAll(/"title": "([^"]*)"/g)].map(([, title]) => title));
    const readme = documents.find(({ path }) => path === 'README.md') as Source;
    const named = [...prose(readme).matchAll(/\*([A-Z][^*]*?)\*/g)].map(([, name]) => name?.replace(/\s+/g, ' ') ?? '');
    const commands = named.filter((name) => name.endsWith('…') || titles.has(name));
    assert.ok(commands.length >= 15, `${commands.length}`);
    for (const name of commands) assert.ok(titles.has(name), name);
  });

  it('contains no forbidden phrase in the manifest', () => {
    const texts = [
      ...manifest.text.matchAll(
        /"(?:title|description|markdownDescription|contents|displayName)": "((?:[^"\\]|\\.)*)"/g,
      ),
    ];
    assert.ok(texts.length > 80, `${texts.length}`);
    for (const [, text] of texts) assert.deepEqual(phrasesIn((text ?? '').replace(/`[^`]*`/g, '')), [], text);
  });
});
