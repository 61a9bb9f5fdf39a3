/** Resolves calls to their definitions and states how each one was resolved. */
import { isName } from '../extract/callee-text.ts';
import type { Call, FactsDefinition } from '../extract/facts.ts';
import type { FileUnit } from './file-unit.ts';
import { isCommonMethod, isGlobal } from './globals.ts';
import type { NameResolver } from './name-resolver.ts';
import type { ResolvedValue } from './value.ts';

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
  /** Breadcrumb of the definition, or of the candidate if the tier is `unique`. */
  readonly target?: string;
}

/**
 * Returns a key that is equal for all calls in a file for which the same callee text has the same meaning. It names the
 * scope that binds the first name, so that a shadowing name is distinguished from the outer one.
 */
export function cacheScopeOf(resolver: NameResolver, unit: FileUnit, call: Call): string | number {
  const scope = call[4];
  const head = unit.steps(call[5])[0] as string;
  if (head === 'this' || head === 'super') {
    const enclosing = unit.facts.scopes[scope];
    return `${head}${enclosing?.owner}${enclosing?.static ?? ''}`;
  }
  return isName(head) ? resolver.findScope(unit, scope, head) : scope;
}

const selfNames = new Set(['this', 'super', 'self', 'cls']);

export function resolveCall(resolver: NameResolver, unit: FileUnit, call: Call): Resolution {
  const scope = call[4];
  const steps = unit.steps(call[5]);
  const last = steps.at(-1);
  if (!isName(last)) return { tier: 'dynamic' };
  if (steps.length === 1) return resolveName(resolver, unit, scope, last);
  const receiver = resolver.evaluate(unit, scope, steps.slice(0, -1));
  if (!receiver) return resolveByMethodName(resolver, last);
  if (receiver.kind === 'external' || receiver.kind === 'builtin') return { tier: 'external' };
  const member = resolver.resolveMember(receiver, last);
  const isSelf = selfNames.has(steps[0] as string) && (steps.length === 2 || steps[1] === '()');
  return toResolution(member, receiver.kind === 'module' ? 'namespace' : isSelf ? 'this' : 'typed');
}

function resolveName(resolver: NameResolver, unit: FileUnit, scope: number, name: string): Resolution {
  if (name === 'super' && !unit.isPython) return resolveSuper(resolver, unit, scope);
  if (name === 'import') return { tier: 'external' };
  if (name === 'this') return { tier: 'dynamic' };
  const binding = resolver.findBinding(unit, scope, name);
  if (!binding) {
    const value = resolver.resolveName(unit, scope, name);
    if (value?.kind === 'definition') return toResolution(value, 'import');
    return { tier: value || isGlobal(unit.facts.language, name) ? 'external' : 'unresolved' };
  }
  const value = resolver.resolveBinding(unit, binding);
  if ('definition' in binding) return toResolution(value, 'scope');
  if ('from' in binding) return value?.kind === 'module' ? { tier: 'unresolved' } : toResolution(value, 'import');
  // A parameter of type `Function` may hold any function, not only one of the runtime.
  if ('scope' in binding && binding.type && value?.kind === 'builtin') return { tier: 'local' };
  const resolution = toResolution(value, 'alias');
  return resolution.tier === 'unresolved' ? { tier: 'local' } : resolution;
}

function resolveSuper(resolver: NameResolver, unit: FileUnit, scope: number): Resolution {
  const owner = unit.facts.scopes[scope]?.owner ?? -1;
  if (owner < 0) return { tier: 'unresolved' };
  const definition = unit.definition(owner);
  const base = definition.bases?.[0];
  return toResolution(base === undefined ? undefined : resolver.resolveBase(unit, definition, base), 'this');
}

const callableForms: ReadonlySet<FactsDefinition['form']> = new Set<FactsDefinition['form']>([
  'function',
  'method',
  'class',
  'interface',
]);

function toResolution(value: ResolvedValue | undefined, tier: Tier): Resolution {
  switch (value?.kind) {
    case 'definition':
      if (!callableForms.has(value.unit.definition(value.index).form)) return { tier: 'local' };
      return { tier, target: value.unit.breadcrumb(value.index) };
    case 'external':
    case 'builtin':
      return { tier: 'external' };
    case 'instance':
      return { tier: 'local' };
    default:
      return { tier: 'unresolved' };
  }
}

/** Finds the target of a call on an unknown receiver by the name of the method, if that is unique in the workspace. */
function resolveByMethodName(resolver: NameResolver, name: string): Resolution {
  if (isCommonMethod(name)) return { tier: 'unresolved' };
  const methods = resolver.methodsNamed(name);
  const [only] = methods;
  if (!only) return { tier: 'unresolved' };
  if (methods.length > 1) return { tier: 'ambiguous' };
  return { tier: 'unique', target: only.unit.breadcrumb(only.index) };
}
