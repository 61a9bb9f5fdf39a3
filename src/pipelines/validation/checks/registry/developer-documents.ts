/** Documents that tell how to develop the workspace itself. Others may show commands for the projects of their readers. */
import { posix } from 'node:path';
import { field } from '../../repository/manifest-formats.ts';
import type { Repository } from '../../repository/repository.ts';
import type { MarkdownLine } from '../documents/markdown-text.ts';

export interface DeveloperDocument {
  readonly file: string;
  readonly text: string;
  /** `sections`: only those under a heading about development. */
  readonly scope: 'all' | 'sections';
}

const developerDocument =
  /^(?:\.github\/|docs?\/)?(?:contributing|development|developing|developers?|hacking|building|agents|claude|copilot-instructions)(?:\.guide)?\.mdx?$/i;
const readme = /^readme\.mdx?$/i;
const developmentHeading =
  /\b(?:contribut\w*|develop(?:ment|ing|ers?)?|hacking|building from source|build from source|local setup|running (?:the )?tests?|run(?:ning)? locally)\b/i;
/** Headings about something that is not this workspace. */
const foreignHeading =
  /\b(?:usage|example|your (?:own )?(?:project|app|plugin|extension)|template|migrat\w*|deprecated|legacy)\b/i;

export async function readDeveloperDocuments(repository: Repository): Promise<readonly DeveloperDocument[]> {
  const documents: DeveloperDocument[] = [];
  const isApplication = await isUnpublished(repository);
  for (const file of await repository.files()) {
    const isReadme = readme.test(file);
    if (!isReadme && !developerDocument.test(file)) continue;
    const text = await repository.text(file);
    if (text !== undefined) documents.push({ file, text, scope: isReadme && !isApplication ? 'sections' : 'all' });
  }
  return documents;
}

/** Returns whether the workspace is a single private package, whose README can only be about the workspace itself. */
async function isUnpublished(repository: Repository): Promise<boolean> {
  const manifests = (await repository.files()).filter((file) => posix.basename(file) === 'package.json');
  const [first] = manifests;
  return manifests.length === 1 && first === 'package.json' && field(await repository.json(first), 'private') === true;
}

export function isAboutDevelopment({ scope }: DeveloperDocument, { headings }: MarkdownLine): boolean {
  if (headings.some((title) => foreignHeading.test(title))) return false;
  return scope === 'all' || headings.some((title) => developmentHeading.test(title));
}
