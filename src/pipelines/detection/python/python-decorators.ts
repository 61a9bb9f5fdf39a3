/** Reads the decorators of functions of Python: what they turn a function into, and how it is called then. */
import type { Node } from 'web-tree-sitter';
import { unknown } from '../extract/facts/expression.ts';
import type { DefinitionDraft, FactsBuilder } from '../extract/facts-builder.ts';
import { readValue } from './python-values.ts';

/** Decorators that run a generator as a coroutine. In the generators of `types.coroutine`, `yield` awaits no value. */
export const coroutinePattern = /@(?:(?!types\.|asyncio\.)\w+\.)*(?:coroutine|inlineCallbacks|gen_test)\b/;

export const fixturePattern = /@(?:pytest\.|pytest_asyncio\.)?fixture\b/;

/** Reads the value that the decorators turn a function into. */
export function readDecorated(builder: FactsBuilder, node: Node, definition: number): void {
  let value = builder.express('function', definition);
  for (const child of (node.parent?.namedChildren ?? []).toReversed()) {
    if (child.type !== 'decorator') continue;
    const decorator = readValue(builder, child.firstNamedChild);
    if (decorator === unknown) return;
    value = builder.express('call', decorator, [value]);
  }
  (builder.definitions[definition] as DefinitionDraft).decorated = { value, scope: builder.scopeIndex };
}

/** Marks functions of the same name that decorators replace: they are mostly registered to be selected when called. */
export function markRegistered(builder: FactsBuilder, name: string, definition: number): void {
  const existing = builder.scope.names.find(([other]) => other === name)?.[1];
  const previous = existing && 'definition' in existing ? builder.definitions[existing.definition] : undefined;
  if (!previous?.replaced) return;
  for (const draft of [previous, builder.definitions[definition] as DefinitionDraft]) draft.registered = true;
}

/** Decorators that return the function itself, or a function that is called in the same way. */
const transparentDecorators =
  /^(?:(?:abc\.)?abstract(?:method|property|classmethod)|staticmethod|classmethod|(?:\w+\.)*(?:cached_|lazy_?)?property|\w+\.(?:setter|getter|deleter)|(?:typing\.|t\.|te\.|typing_extensions\.)?(?:overload|override|final|no_type_check|deprecated|type_check_only|runtime_checkable)|(?:functools\.)?(?:wraps|lru_cache|cache|cached_property|singledispatch|singledispatchmethod|total_ordering)|(?:contextlib\.)?(?:async)?contextmanager|(?:\w+\.)*(?:cacheit|coroutine|inlineCallbacks)|(?:dataclasses\.)?dataclass)\b/;

export function isReplaced(decorators: string): boolean {
  return [...decorators.matchAll(/@\s*([\w.]+)/g)].some(
    ([, name = '']) => !transparentDecorators.test(name) && !/property$/.test(name),
  );
}

/** Returns the source text of the decorators of a definition. */
export function readDecorators(builder: FactsBuilder, node: Node): string {
  const { parent } = node;
  return parent?.type === 'decorated_definition' ? builder.source.slice(parent.startIndex, node.startIndex) : '';
}
