/** Resolves calls to their definitions and states how each one was resolved. */
import { isName } from '../extract/facts/callee-text.ts';
import type { Call, CallForm, FactsDefinition } from '../extract/facts.ts';
import type { FileUnit } from './file-unit.ts';
import { isCommonMethod, isGlobal } from './globals.ts';
import type { NameResolver } from './name-resolver.ts';
import type { LocatedValue, ResolvedValue } from './value.ts';

/** Tiers of calls that were resolved to a definition. */
export const resolvedTiers = ['scope', 'import', 'this', 'typed', 'namespace', 'alias'] as const;
/**
 * Tiers of calls that were not resolved. `unique` has a candidate because the workspace has only one method of that name;
 * the others have no target.
 */
export const unresolvedTiers = ['unique', 'external', 'local', 'ambiguous', 'unresolved', 'dynamic'] as const;

export type Tier = (typeof resolvedTiers)[number] | (typeof unresolvedTiers)[number];

export interface Resolution {
  readonly tier: Tier;
  /** Breadcrumb of the definition. */
  readonly target?: string;
  /** Breadcrumb of the only method with the name of the call, if the tier is `unique`. */
  readonly candidate?: string;
}

/**
 * Returns a key that is equal for all calls in a file for which the same callee text has the same meaning. It names the
 * scope that binds the first name, so that a shadowing name is distinguished from the outer one.
 */
export function cacheScopeOf(resolver: NameResolver, unit: FileUnit, call: Call): string | number {
  const scope = call[4];
  if (unit.facts.calleeValues[call[5]] !== undefined) return scope;
  const head = unit.steps(call[5])[0] as string;
  if (head === 'this' || head === 'super') {
    const enclosing = unit.facts.scopes[scope];
    return `${head}${enclosing?.owner}${enclosing?.static ?? ''} ${resolver.findScope(unit, scope, 'this')}`;
  }
  return isName(head) ? resolver.findScope(unit, scope, head) : scope;
}

const selfNames = new Set(['this', 'super', 'self', 'cls']);

export function resolveCall(resolver: NameResolver, unit: FileUnit, call: Call): Resolution {
  const [, , , , scope, callee, form] = call;
  const steps = unit.steps(callee);
  const value = unit.facts.calleeValues[callee];
  if (value !== undefined) return resolveValue(resolver, unit, scope, value, steps, form);
  const last = steps.at(-1);
  if (!isName(last)) return { tier: 'dynamic' };
  if (steps.length === 1) return resolveName(resolver, unit, scope, last, form);
  let receiver = resolver.expressions.resolveHead(unit, scope, steps[0] as string);
  for (const step of steps.slice(1, -1)) receiver = receiver && resolver.members.resolveValue(receiver, step);
  return resolveMember(resolver, receiver, last, steps, form);
}

/** Resolves a call of an expression that is not a plain name. */
function resolveValue(
  resolver: NameResolver,
  unit: FileUnit,
  scope: number,
  callee: number,
  steps: readonly string[],
  form: CallForm,
): Resolution {
  const node = unit.facts.expressions[callee];
  if (node?.[0] === 'member') {
    const receiver = resolver.expressions.resolve(unit, scope, node[1]);
    return resolveMember(resolver, receiver, node[2], steps, form);
  }
  const value = resolver.expressions.resolve(unit, scope, callee);
  const resolution = toResolution(resolver, value, form === 'new' || node?.[0] === 'name' ? 'alias' : 'typed', form);
  return resolution.target === undefined ? { tier: isName(steps.at(-1)) ? resolution.tier : 'dynamic' } : resolution;
}

function resolveMember(
  resolver: NameResolver,
  receiver: ResolvedValue | undefined,
  name: string,
  steps: readonly string[],
  form: CallForm,
): Resolution {
  if (!receiver) return resolveByMethodName(resolver, name);
  if (receiver.kind === 'external' || receiver.kind === 'builtin' || receiver.kind === 'global')
    return { tier: 'external' };
  const isSelf = selfNames.has(steps[0] as string) && (steps.length === 2 || steps[1] === '()');
  const tier = receiver.kind === 'module' ? 'namespace' : isSelf ? 'this' : 'typed';
  let member = resolver.members.resolve(receiver, name);
  const isProperty = member?.kind === 'definition' && member.unit.definition(member.index).getter === true;
  // The property returns the function that is called.
  if (isProperty) member = resolver.members.resolveValue(receiver, name);
  const resolution = toResolution(resolver, member, tier, form);
  if (isProperty && resolution.target === undefined) return { tier: 'local' };
  return resolution;
}

function resolveName(resolver: NameResolver, unit: FileUnit, scope: number, name: string, form: CallForm): Resolution {
  if (name === 'super' && !unit.isPython) return resolveSuper(resolver, unit, scope);
  if (name === 'import') return { tier: 'external' };
  if (name === 'this') return { tier: 'dynamic' };
  const hit = resolver.find(unit, scope, name);
  if (!hit) {
    const value = resolver.resolveName(unit, scope, name);
    if (value?.kind === 'definition') return toResolution(resolver, value, 'import', form);
    return { tier: value || isGlobal(unit.facts.language, name) ? 'external' : 'unresolved' };
  }
  const { binding, isCaptured } = hit;
  const value = resolver.resolveBinding(unit, binding, isCaptured);
  if ('definition' in binding) return toResolution(resolver, value, 'scope', form);
  if ('from' in binding) {
    return value?.kind === 'module' ? { tier: 'unresolved' } : toResolution(resolver, value, 'import', form);
  }
  // A parameter of type `Function` may hold any function, not only one of the runtime.
  if ('scope' in binding && 'type' in binding && value?.kind === 'builtin') return { tier: 'local' };
  const resolution = toResolution(resolver, value, 'alias', form);
  return resolution.tier === 'unresolved' ? { tier: 'local' } : resolution;
}

function resolveSuper(resolver: NameResolver, unit: FileUnit, scope: number): Resolution {
  const owner = unit.facts.scopes[scope]?.owner ?? -1;
  if (owner < 0) return { tier: 'unresolved' };
  const base = resolver.members.resolveBase(unit, unit.definition(owner));
  const target = base?.kind === 'instance' ? ({ ...base, kind: 'definition' } as const) : base;
  return toResolution(resolver, target, 'this', 'new');
}

const callableForms: ReadonlySet<FactsDefinition['form']> = new Set<FactsDefinition['form']>([
  'function',
  'method',
  'class',
  'interface',
]);

function toResolution(
  resolver: NameResolver,
  value: ResolvedValue | undefined,
  tier: Tier,
  form: CallForm,
): Resolution {
  switch (value?.kind) {
    case 'definition': {
      const { form: definitionForm, name, stub, registered } = value.unit.definition(value.index);
      if (stub) return resolveStub(resolver, value, name, tier);
      // The class of an instance may be any subclass.
      if (!callableForms.has(definitionForm) || name === '' || value.isDynamic || registered) return { tier: 'local' };
      return { tier, target: value.unit.breadcrumb(value.index) };
    }
    case 'external':
    case 'builtin':
    case 'global':
    case 'native':
      return { tier: 'external' };
    case 'instance':
      return resolveInstance(resolver, value, tier, form);
    case 'callable':
    case 'record':
    case 'container':
    case 'callback':
      return { tier: 'local' };
    case 'either': {
      // Values that cannot be called were excluded by a condition.
      const parts = value.values.filter((part) => !isNotCallable(resolver, part));
      const resolutions = parts.map((part) => toResolution(resolver, part, tier, form));
      const [first] = resolutions;
      return first?.target !== undefined && resolutions.every(({ target }) => target === first.target)
        ? first
        : { tier: 'ambiguous' };
    }
    case 'all': {
      const resolutions = value.values.map((part) => toResolution(resolver, part, tier, form));
      return resolutions.find(({ target }) => target !== undefined) ?? { tier: 'local' };
    }
    default:
      return { tier: 'unresolved' };
  }
}

function isNotCallable(resolver: NameResolver, value: ResolvedValue): boolean {
  if (value.kind !== 'instance') return value.kind === 'container';
  return value.unit.isPython && resolver.members.resolve(value, '__call__') === undefined;
}

/** Resolves a call of a method that only type checkers see to the one that runs. */
function resolveStub(
  resolver: NameResolver,
  { receiver }: Extract<ResolvedValue, { kind: 'definition' }>,
  name: string,
  tier: Tier,
): Resolution {
  const isLocated = receiver?.kind === 'instance' || receiver?.kind === 'definition';
  const method = isLocated ? resolver.members.findImplementation(receiver, name) : undefined;
  return method ? { tier, target: method.unit.breadcrumb(method.index) } : { tier: 'local' };
}

/** Resolves a call of an instance: with a call or construct signature, or with `__call__` in Python. */
function resolveInstance(
  resolver: NameResolver,
  value: Extract<ResolvedValue, { kind: 'instance' }>,
  tier: Tier,
  form: CallForm,
): Resolution {
  const { unit, index } = value;
  if (unit.isPython) {
    const method = resolver.members.resolve(value, '__call__');
    // Any function has the type of a protocol that can be called.
    if (method?.kind === 'definition' && isInProtocol(method)) return { tier: 'local' };
    return method?.kind === 'definition' ? toResolution(resolver, method, tier, form) : { tier: 'local' };
  }
  const definition = unit.definition(index);
  const isSignature = form === 'new' ? definition.constructs !== undefined : definition.callable === true;
  return isSignature && definition.form === 'interface' ? { tier, target: unit.breadcrumb(index) } : { tier: 'local' };
}

function isInProtocol({ unit, index }: LocatedValue): boolean {
  const { parent } = unit.definition(index);
  return parent >= 0 && unit.definition(parent).bases?.some((base) => /^(?:\w+\.)*Protocol\b/.test(base)) === true;
}

/** Finds a candidate for a call on an unknown receiver: the only method of the workspace with this name. */
function resolveByMethodName(resolver: NameResolver, name: string): Resolution {
  if (isCommonMethod(name)) return { tier: 'unresolved' };
  const { count, only } = resolver.findMethods(name);
  if (count === 0) return { tier: 'unresolved' };
  return only ? { tier: 'unique', candidate: only.unit.breadcrumb(only.index) } : { tier: 'ambiguous' };
}
