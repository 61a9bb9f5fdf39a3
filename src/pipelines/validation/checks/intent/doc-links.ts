/** Checks that the links between documents and files of the workspace lead somewhere. */
import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { plural } from '../../../../protocol/plural.ts';
import type { Finding } from '../../../../protocol/validation/validation.ts';
import { type Check, fail, pass, skip } from '../../check/check.ts';
import { findingsOf } from '../../check/findings.ts';
import type { Repository } from '../../repository/repository.ts';
import { parseMarkdown } from '../documents/markdown-text.ts';

export const docLinks: Check = {
  id: 'INT_DOC_LINKS',
  category: 'intent',
  severity: 'warning',
  minProfile: 'dev',
  title: 'Links in documents lead to files of the workspace',
  timeoutMs: 10_000,
  lane: 'cheap',
  run: async ({ repository, signal }) => {
    const target = await createTargetTest(repository);
    const findings: Finding[] = [];
    let [links, documents] = [0, 0];
    for (const file of await listDocuments(repository)) {
      signal.throwIfAborted();
      const text = await repository.text(file);
      if (text === undefined) continue;
      documents++;
      for (const { line, path } of linksIn(text, posix.dirname(file))) {
        links++;
        if (!target(path)) findings.push({ file, line, message: `The link leads to ${path}, which does not exist.` });
      }
    }
    if (links === 0) return skip('not_applicable', 'No document links to a file of the workspace.');
    const total = `${plural(links, 'link')} in ${plural(documents, 'document')}`;
    if (findings.length === 0) return pass(`${total} lead to existing files.`);
    return fail(`${findings.length} of ${total} lead nowhere.`, {
      findings: findingsOf(findings, (finding) => finding),
      remediation: [
        {
          priority: 'low',
          title: 'Correct the links',
          steps: ['Change each link to the new place of its file, or remove it.'],
        },
      ],
    });
  },
};

/** Documents about other states of the workspace than the present one, and templates. */
const historical =
  /(?:^|\/)(?:change[-_ ]?logs?|changes|history|news|releases?(?:[-_ ]notes)?|migrat\w*|upgrad\w*|archive[sd]?|rfcs?|adrs?|decisions|blog|posts|templates?|_?includes?|i18n|\.changeset)(?:[-_./].*|$)/i;

/** Folders of documentation sites, whose generators resolve links in their own ways, and of projects for others. */
const otherFolder =
  /(?:^|\/)(?:docs?|documentation|website|site|www|pages|content|book|wiki|guides?|examples?|samples?|demos?|benchmarks?|templates?)\//i;

/** Returns the documents whose links a code hosting site shows as they are: those of the workspace and of its parts. */
async function listDocuments(repository: Repository): Promise<string[]> {
  return (await repository.files()).filter(
    (file) =>
      (/^(?:\.github\/)?[^/]+\.(?:md|markdown)$/i.test(file) || /(?:^|\/)(?:readme|contributing)\.md$/i.test(file)) &&
      !historical.test(file) &&
      !otherFolder.test(file) &&
      !repository.isForeign(file) &&
      !repository.isTest(file),
  );
}

const link = /\]\(\s*<?([^()\s<>]+)>?(?:\s+["'(][^)]*)?\)|^\s{0,3}\[[^\]^]+\]:\s*<?([^\s<>]+)>?/g;

/** Returns the paths of the links to files, relative to the workspace. */
function linksIn(text: string, folder: string): { readonly line: number; readonly path: string }[] {
  return parseMarkdown(text).flatMap(({ line, text: source, language }) => {
    if (language !== undefined || /^(?: {4}|\t)/.test(source)) return [];
    return [...source.replace(/(`+)[^`]*\1/g, '').matchAll(link)].flatMap((match) => {
      const path = pathOf(match[1] ?? match[2] ?? '', folder);
      return path === undefined ? [] : [{ line, path }];
    });
  });
}

/** Endings by which a link without a scheme is a host name rather than a file. */
const hostName = /^(?:www\.|[\w-]+\.(?:com|org|io|dev|net|app|ai|co|sh|rs|me)(?:\/|$))/i;

/** Returns undefined for a link that does not certainly name a file of the workspace. */
function pathOf(target: string, folder: string): string | undefined {
  const [raw = ''] = target.split(/[#?]/);
  if (raw === '' || /^[a-z][\w+.-]*:|^\/|[{}$<>*\\|@]/i.test(raw) || hostName.test(raw)) return undefined;
  const name = decode(raw);
  if (!/\.\w{1,8}$|\/$|(?:^|\/)[A-Z][A-Z_-]{3,}$/.test(name)) return undefined;
  const path = posix.join(folder, name).replace(/\/$/, '');
  return path.startsWith('..') || path === '.' ? undefined : path;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Folders whose content is built. */
const builtFolder =
  /(?:^|\/)(?:dist|build|out|target|coverage|node_modules|_+coverage_+|_build|site|public|api)(?:\/|$)/;

/** Returns a function that tells whether a path exists, or may exist after a build. */
async function createTargetTest(repository: Repository): Promise<(path: string) => boolean> {
  const files = await repository.fileSet();
  // Ignored files and the content of submodules are not listed, but links to them work.
  const exists = (path: string): boolean => files.has(path) || existsSync(join(repository.root, path));
  // Documents in `.github` are also shown elsewhere, and some are written for readers at the root.
  return (path) =>
    exists(path) || builtFolder.test(path) || (path.startsWith('.github/') && exists(posix.basename(path)));
}
