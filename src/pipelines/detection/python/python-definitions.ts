/** Handlers for functions, classes and lambdas of Python. */
import type { Node } from 'web-tree-sitter';
import { defined } from '../../../protocol/defined.ts';
import { type Expression, unknown } from '../extract/facts/expression.ts';
import type { Parameter, TypeParameter } from '../extract/facts.ts';
import type { DefinitionDraft, FactsBuilder } from '../extract/facts-builder.ts';
import {
  coroutinePattern,
  fixturePattern,
  isReplaced,
  markRegistered,
  readDecorated,
  readDecorators,
} from './python-decorators.ts';
import { readType, readValue } from './python-values.ts';

export function handleFunction(builder: FactsBuilder, node: Node): void {
  const name = node.childForFieldName('name');
  if (!name) return;
  const text = builder.text(name);
  const outer = builder.scope;
  const inClass = builder.stack.at(builder.stack.functionScope).kind === 'class';
  const decorators = readDecorators(builder, node);
  const parameters = readParameters(builder, node);
  const isCoroutine = coroutinePattern.test(decorators);
  const declared = readType(builder, node.childForFieldName('return_type'));
  // The annotation of a coroutine that is a generator may describe the generator instead of the result.
  const returns = isCoroutine && /\bGenerator\b/.test(declared ?? '') ? undefined : declared;
  const typeParameters = readTypeParameters(builder, node);
  const isContextManager = /@(?:\w+\.)*(?:async)?contextmanager\b/.test(decorators);
  const definition = builder.define(node, text, inClass ? 'method' : 'function', {
    ...defined({ parameters, returns, typeParameters }),
    ...(/@(?:\w+\.)*\w*property\b|@(?:\w+\.)*reify\b/.test(decorators) ? { getter: true as const } : {}),
    ...(/@(?:staticmethod|classmethod)\b/.test(decorators) ? { static: true as const } : {}),
    ...(builder.source.startsWith('async', node.startIndex) ? { async: true as const } : {}),
    ...(isContextManager ? { manager: true as const } : {}),
    ...(isCoroutine ? { coroutine: true as const } : {}),
    ...(isStub(builder, node) ? { stub: true as const } : {}),
    ...(isReplaced(decorators) ? { replaced: true as const } : {}),
    ...(fixturePattern.test(decorators) ? { fixture: true as const } : {}),
    ...(/@(?:\w+\.)?overload\b/.test(decorators) ? { overload: true as const } : {}),
  });
  if (isReplaced(decorators) && !fixturePattern.test(decorators)) {
    readDecorated(builder, node, definition);
    markRegistered(builder, text, definition);
  }
  if (!inClass) addOverloads(builder, text, definition);
  if (inClass) addMember(builder, outer.owner, text, definition, decorators);
  builder.stack.declare(text, { definition }, node.endIndex);
  const body = node.childForFieldName('body');
  if (!body) return;
  const owner = inClass ? outer.owner : undefined;
  // Default values are evaluated outside of the function.
  builder.stack.runAt(body.startIndex, () => {
    builder.enterScope('function', node.endIndex, { definition, callable: definition, ...defined({ owner }) });
    builder.bindTypeParameters(typeParameters);
    bindParameters(builder, node, inClass ? outer.owner : -1, decorators);
    for (const outerName of findOuterNames(builder, body))
      builder.stack.declareOuter(outerName.name, outerName.isGlobal);
  });
}

/** Returns whether a function or class is in a branch that only type checkers take. */
function isStub(builder: FactsBuilder, node: Node): boolean {
  if (!builder.source.includes('TYPE_CHECKING')) return false;
  if (builder.definitions[builder.scope.definition]?.stub) return true;
  const outer = node.parent?.type === 'decorated_definition' ? node.parent.parent : node.parent;
  const branch = outer?.parent;
  if (branch?.type !== 'if_statement' || branch.childForFieldName('consequence')?.id !== outer?.id) return false;
  return /^(?:\w+\.)*TYPE_CHECKING$/.test(builder.text(branch.childForFieldName('condition') as Node));
}

/** Collects the signatures of an overloaded function, which precede its implementation. */
function addOverloads(builder: FactsBuilder, name: string, definition: number): void {
  const existing = builder.scope.names.find(([other]) => other === name)?.[1];
  const previous = existing && 'definition' in existing ? builder.definitions[existing.definition] : undefined;
  if (!previous?.overload || !existing || !('definition' in existing)) return;
  (builder.definitions[definition] as DefinitionDraft).overloads = [...(previous.overloads ?? []), existing.definition];
}

interface OuterName {
  readonly name: string;
  readonly isGlobal: boolean;
}

/** Returns the names in the `global` and `nonlocal` statements of a function, which apply to all of it. */
function findOuterNames(builder: FactsBuilder, body: Node): OuterName[] {
  const text = builder.text(body);
  if (!/\b(?:global|nonlocal)\b/.test(text)) return [];
  return [...text.matchAll(/^[ \t]*(global|nonlocal)[ \t]+([\w, \t]+)/gm)].flatMap(([, keyword, names = '']) =>
    names.split(',').map((name) => ({ name: name.trim(), isGlobal: keyword === 'global' })),
  );
}

/** Adds a member. A method replaces earlier ones of the same name (overloads), unless it is an accessor of a property. */
function addMember(builder: FactsBuilder, owner: number, name: string, definition: number, decorators: string): void {
  const members = builder.definitions[owner]?.members;
  const existing = members?.findIndex(([other]) => other === name) ?? -1;
  if (!members || existing < 0) {
    builder.addMember(owner, name, definition);
    return;
  }
  if (/\.(?:setter|deleter|getter)\b/.test(decorators)) return;
  const previous = members[existing]?.[1] as number;
  const draft = builder.definitions[previous] as DefinitionDraft;
  if (draft.overload) {
    (builder.definitions[definition] as DefinitionDraft).overloads = [...(draft.overloads ?? []), previous];
  }
  members[existing] = [name, definition];
}

function readTypeParameters(builder: FactsBuilder, node: Node): TypeParameter[] | undefined {
  const list = node.childForFieldName('type_parameters');
  if (!list) return undefined;
  return builder
    .text(list)
    .slice(1, -1)
    .split(',')
    .flatMap((text) => {
      const [, name, constraint] = /^\s*\**(\w+)\s*(?::\s*([^=]+?))?\s*(?:=.*)?$/s.exec(text) ?? [];
      return name ? [{ name, ...defined({ constraint }) }] : [];
    });
}

function readParameters(builder: FactsBuilder, node: Node): Parameter[] | undefined {
  const list = node.childForFieldName('parameters');
  const parameters = (list?.namedChildren ?? []).flatMap((parameter): Parameter[] => {
    const named = findParameterName(parameter);
    if (!named) return [];
    const type = readType(builder, parameter.childForFieldName('type'));
    const isOptional = parameter.childForFieldName('value') !== null;
    const form = named.isVariadic ? ('rest' as const) : isOptional ? ('optional' as const) : undefined;
    return [{ name: builder.text(named.name), ...defined({ type, form }) }];
  });
  return parameters.length > 0 ? parameters : undefined;
}

function bindParameters(builder: FactsBuilder, node: Node, owner: number, decorators: string): void {
  const { scopeIndex: scope } = builder;
  const parameters = node.childForFieldName('parameters');
  if (!parameters) return;
  for (const [index, parameter] of parameters.namedChildren.entries()) {
    const named = findParameterName(parameter);
    if (!named) continue;
    const name = builder.text(named.name);
    if (index === 0 && owner >= 0 && !/@staticmethod\b/.test(decorators)) {
      const isClass =
        /@classmethod\b/.test(decorators) ||
        /^(?:__new__|__init_subclass__|__class_getitem__)$/.test(builder.text(node.childForFieldName('name') as Node));
      builder.bind(name, isClass ? { owner } : { self: owner }, scope);
      continue;
    }
    const type = readType(builder, parameter.childForFieldName('type'));
    if (named.isVariadic) {
      const item = builder.text(parameter).startsWith('**') ? 'dict' : 'tuple';
      builder.bind(
        name,
        { type: type === undefined ? item : item === 'dict' ? `dict[str, ${type}]` : `tuple[${type}, ...]`, scope },
        scope,
      );
      continue;
    }
    const isInjected = type === undefined && /^test|_test$/.test(builder.text(node.childForFieldName('name') as Node));
    const initial =
      isInjected || fixturePattern.test(decorators)
        ? builder.express('fixture', name)
        : type === undefined
          ? readDefault(builder, parameter.childForFieldName('value'))
          : unknown;
    const isNone = parameter.childForFieldName('value')?.type === 'none';
    builder.bind(
      name,
      { ...defined({ type, value: initial === unknown || isNone ? undefined : initial }), scope },
      scope,
    );
  }
}

function readDefault(builder: FactsBuilder, node: Node | null): Expression {
  const value = readValue(builder, node);
  // Only a name can stand for a function or a class.
  const isNamed = node?.type === 'identifier' || node?.type === 'attribute';
  return isNamed && value !== unknown ? builder.express('default', value) : value;
}

/** Returns the name of a parameter. `*args` and `**kwargs` are variadic; their annotation is the type of each item. */
function findParameterName(parameter: Node): { readonly name: Node; readonly isVariadic: boolean } | undefined {
  let name: Node | null = parameter;
  if (parameter.type === 'typed_parameter') name = parameter.firstNamedChild;
  else if (parameter.type !== 'identifier' && !parameter.type.endsWith('splat_pattern')) {
    name = parameter.childForFieldName('name');
  }
  const isVariadic = name?.type.endsWith('splat_pattern') ?? false;
  if (isVariadic) name = name?.firstNamedChild ?? null;
  return name?.type === 'identifier' ? { name, isVariadic } : undefined;
}

export function handleClass(builder: FactsBuilder, node: Node): void {
  const name = node.childForFieldName('name');
  const body = node.childForFieldName('body');
  if (!name || !body) return;
  const bases = (node.childForFieldName('superclasses')?.namedChildren ?? []).flatMap((base) => {
    if (base.type === 'keyword_argument' || base.type === 'comment' || base.type.endsWith('splat')) return [];
    return [readType(builder, base) ?? 'unknown'];
  });
  const text = builder.text(name);
  const typeParameters = readTypeParameters(builder, node) ?? readGenericBase(bases);
  const definition = builder.define(node, text, 'class', {
    ...(bases.length > 0 ? { bases } : {}),
    ...(isStub(builder, node) ? { stub: true as const } : {}),
    ...defined({ typeParameters }),
  });
  const outer = builder.scope;
  if (builder.stack.at(builder.stack.functionScope).kind === 'class') builder.addMember(outer.owner, text, definition);
  builder.stack.declare(text, { definition }, node.endIndex);
  builder.stack.runAt(body.startIndex, () => {
    builder.enterScope('class', node.endIndex, { definition, owner: definition });
    builder.bindTypeParameters(typeParameters);
  });
}

/** Reads the type variables of a base class such as `Generic[K, V]`. */
function readGenericBase(bases: readonly string[]): TypeParameter[] | undefined {
  const names = bases.flatMap(
    (base) => /^(?:\w+\.)*(?:Generic|Protocol)\[([\w\s,]+)\]$/.exec(base)?.[1]?.split(',') ?? [],
  );
  return names.length === 0
    ? undefined
    : names.map((name) => ({ name: name.trim() })).filter(({ name }) => name !== '');
}

export function handleLambda(builder: FactsBuilder, node: Node): void {
  const parameters = node.childForFieldName('parameters');
  const body = node.childForFieldName('body');
  if (!body) return;
  builder.stack.runAt(body.startIndex, () => {
    builder.enterScope('function', node.endIndex);
    for (const parameter of parameters?.namedChildren ?? []) {
      const named = findParameterName(parameter);
      if (named) builder.bind(builder.text(named.name), { scope: builder.scopeIndex });
    }
  });
}

export function handleReturn(builder: FactsBuilder, node: Node): void {
  if (builder.stack.callable < 0) return;
  const value = node.firstNamedChild;
  if (value) builder.addResult(readValue(builder, value));
}

/** Handles `raise Return(x)`, with which a coroutine that is a generator returned a value before Python 3.3. */
export function handleRaise(builder: FactsBuilder, node: Node): void {
  if (!builder.definitions[builder.stack.callable]?.coroutine) return;
  const call = node.firstNamedChild;
  if (call?.type !== 'call' || !/^(?:\w+\.)*Return$/.test(builder.text(call.childForFieldName('function') as Node)))
    return;
  const value = call.childForFieldName('arguments')?.firstNamedChild;
  if (value) builder.addResult(readValue(builder, value));
}

/** A function with `yield` returns a generator. A context manager yields the value that `with` binds. */
export function handleYield(builder: FactsBuilder, node: Node): void {
  const draft = builder.definitions[builder.stack.callable];
  if (!draft || draft.coroutine) return;
  draft.generator = true;
  const value = node.firstNamedChild;
  if ((draft.manager || draft.fixture) && value) builder.addResult(readValue(builder, value));
}
