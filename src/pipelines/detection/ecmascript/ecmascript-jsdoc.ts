/** Reads types in JSDoc comments, which are the types of JavaScript files. */
import type { Node } from 'web-tree-sitter';
import { defined } from '../../../protocol/defined.ts';
import type { Parameter, TypeParameter } from '../extract/facts.ts';
import type { DefinitionDraft, FactsBuilder } from '../extract/facts-builder.ts';
import { compactType } from './ecmascript-types.ts';

const precedingComment =
  /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*(?:export\s+(?:default\s+)?|async\s+|static\s+|declare\s+)*(?:(?:const|let|var)\s+)?$/;
/** Longer comments than this before a declaration are not read. */
const maxCommentLength = 4000;

/** Returns the comment in front of a declaration, variable, property or parenthesis. */
function findComment(builder: FactsBuilder, node: Node): string | undefined {
  if (!builder.usesJsDoc) return undefined;
  const before = builder.source.slice(Math.max(0, node.startIndex - maxCommentLength), node.startIndex);
  if (!before.includes('/**')) return undefined;
  const start = before.lastIndexOf('/**');
  return precedingComment.exec(before.slice(start))?.[1];
}

interface Tag {
  readonly name: string;
  readonly type?: string;
  readonly rest: string;
}

function parseTags(comment: string): Tag[] {
  const text = comment.replace(/\n\s*\*(?!\/)/g, '\n');
  return text
    .split(/(?:^|[\s*])@(?=[a-zA-Z])/)
    .slice(1)
    .map((part): Tag => {
      const name = /^[a-zA-Z]+/.exec(part)?.[0] ?? '';
      const after = part.slice(name.length).trimStart();
      if (!after.startsWith('{')) return { name, rest: after };
      let depth = 0;
      for (let index = 0; index < after.length; index++) {
        if (after[index] === '{') depth++;
        else if (after[index] === '}' && --depth === 0) {
          return { name, type: compactType(after.slice(1, index)), rest: after.slice(index + 1).trim() };
        }
      }
      return { name, rest: '' };
    });
}

/** Returns the type that a `@type` comment in front of a node declares. */
export function readDocumentedType(builder: FactsBuilder, node: Node): string | undefined {
  const comment = findComment(builder, node);
  if (!comment?.includes('@type')) return undefined;
  return parseTags(comment).find(({ name }) => name === 'type')?.type;
}

/** Adds the documented types to the signature of a function, method or variable that holds a function. */
export function documentSignature(
  builder: FactsBuilder,
  nodes: readonly Node[],
  signature: Partial<DefinitionDraft>,
): Partial<DefinitionDraft> {
  const comment = nodes.map((node) => findComment(builder, node)).find((hit) => hit !== undefined);
  if (comment === undefined) return signature;
  const tags = parseTags(comment);
  const types = new Map<string, string>();
  const typeParameters: TypeParameter[] = [];
  for (const { name, type, rest } of tags) {
    const parameter = /^\[?([\w$]+)(?![\w$.])/.exec(rest)?.[1];
    if (name === 'param' && type && parameter) types.set(parameter, type);
    if (name !== 'template') continue;
    for (const text of rest.split(/[\s]/)[0]?.split(',') ?? []) {
      if (/^[\w$]+$/.test(text)) typeParameters.push({ name: text, ...defined({ constraint: type }) });
    }
  }
  const returns = tags.find(({ name }) => name === 'returns' || name === 'return')?.type;
  const overload = tags.find(({ name, type }) => name === 'type' && type);
  const parameters = signature.parameters?.map((parameter): Parameter => {
    const type = types.get(parameter.name);
    if (type === undefined || parameter.type !== undefined) return parameter;
    const isRest = type.startsWith('...');
    return {
      ...parameter,
      type: isRest ? `(${type.slice(3)})[]` : type.replace(/=$/, ''),
      ...(type.endsWith('=') || comment.includes(`[${parameter.name}`) ? { form: 'optional' as const } : {}),
    };
  });
  return {
    ...signature,
    ...defined({ parameters }),
    ...(typeParameters.length > 0 ? { typeParameters } : {}),
    ...(returns && !signature.returns ? { returns } : {}),
    ...(overload ? {} : {}),
  };
}

const importPattern = /@import\s+(?:([\w$]+)\s*,?\s*)?(?:\*\s+as\s+([\w$]+)|\{([^}]*)\})?\s*from\s*(['"])([^'"]+)\4/g;
const typedefPattern = /@typedef\s+\{/g;

/** Binds the types that comments of a JavaScript file import or define. */
export function bindDocumentedTypes(builder: FactsBuilder, root: Node): void {
  const { source } = builder;
  if (!builder.usesJsDoc || !/@(?:import|typedef|callback)\b/.test(source)) return;
  for (const [, whole, namespace, names, , from = ''] of source.matchAll(importPattern)) {
    if (whole) builder.bind(whole, { from, name: 'default' }, 0);
    if (namespace) builder.bind(namespace, { from, name: '*' }, 0);
    for (const part of names?.replace(/^\s*\*/gm, '').split(',') ?? []) {
      const [, name, local] = /^\s*(?:type\s+)?([\w$]+)(?:\s+as\s+([\w$]+))?\s*$/.exec(part) ?? [];
      if (name) builder.bind(local ?? name, { from, name }, 0);
    }
  }
  for (const match of source.matchAll(typedefPattern)) {
    const end = source.indexOf('*/', match.index);
    const tag = parseTags(source.slice(match.index, end < 0 ? undefined : end))[0];
    const name = /^([\w$]+)/.exec(tag?.rest ?? '')?.[1];
    if (!tag?.type || !name || /^[Oo]bject$/.test(tag.type)) continue;
    const definition = builder.define(root, name, 'alias', { bases: [tag.type] });
    builder.bind(name, { definition }, 0);
    builder.exports.push([name, definition]);
  }
}
