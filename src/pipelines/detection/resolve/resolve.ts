/** Says where a call leads, and how that was found out. */
import { isName } from '../extract/callee-text.ts';
import type { Call, Definition } from '../extract/facts.ts';
import { isCommonMethod, isGlobal } from './globals.ts';
import type { Unit } from './unit.ts';
import type { Value } from './value.ts';
import type { Workspace } from './workspace.ts';

/** Ways that end at a definition. */
export const resolvedTiers = ['scope', 'import', 'this', 'typed', 'namespace', 'alias'] as const;
/** `unique` has a candidate, the only method of that name, and is no resolution; the others have no target. */
export const openTiers = ['unique', 'external', 'local', 'ambiguous', 'unresolved', 'dynamic'] as const;

export type Tier = (typeof resolvedTiers)[number] | (typeof openTiers)[number];

export interface Resolution {
  readonly tier: Tier;
  /** Breadcrumb of the definition; of the candidate where the tier is `unique`. */
  readonly target?: string;
}

/**
 * The place that decides what a call's text means in its file: the scope that binds its first name, so that a name
 * shadowed in a block of the same definition is not taken for the outer one.
 */
export function placeOf(workspace: Workspace, unit: Unit, call: Call): string | number {
  const scope = call[4];
  const head = unit.steps(call[5])[0] as string;
  if (head === 'this' || head === 'super') {
    const around = unit.facts.scopes[scope];
    return `${head}${around?.owner}${around?.static ?? ''}`;
  }
  return isName(head) ? workspace.homeOf(unit, scope, head) : scope;
}

const selves = new Set(['this', 'super', 'self', 'cls']);

export function resolve(workspace: Workspace, unit: Unit, call: Call): Resolution {
  const scope = call[4];
  const steps = unit.steps(call[5]);
  const last = steps.at(-1);
  if (!isName(last)) return { tier: 'dynamic' };
  if (steps.length === 1) return resolveName(workspace, unit, scope, last);
  const receiver = workspace.evaluate(unit, scope, steps.slice(0, -1));
  if (!receiver) return byMethodName(workspace, last);
  if (receiver.kind === 'external' || receiver.kind === 'builtin') return { tier: 'external' };
  const found = workspace.member(receiver, last);
  const isOwn = selves.has(steps[0] as string) && (steps.length === 2 || steps[1] === '()');
  return reached(found, receiver.kind === 'module' ? 'namespace' : isOwn ? 'this' : 'typed');
}

function resolveName(workspace: Workspace, unit: Unit, scope: number, name: string): Resolution {
  if (name === 'super' && !unit.isPython) return resolveSuper(workspace, unit, scope);
  if (name === 'import') return { tier: 'external' };
  if (name === 'this') return { tier: 'dynamic' };
  const binding = workspace.lookup(unit, scope, name);
  if (!binding) {
    const found = workspace.named(unit, scope, name);
    if (found?.kind === 'definition') return reached(found, 'import');
    return { tier: found || isGlobal(unit.facts.language, name) ? 'external' : 'unresolved' };
  }
  const value = workspace.bound(unit, binding);
  if ('definition' in binding) return reached(value, 'scope');
  if ('from' in binding) return value?.kind === 'module' ? { tier: 'unresolved' } : reached(value, 'import');
  // A parameter of type `Function` is no function of the runtime.
  if ('scope' in binding && binding.type && value?.kind === 'builtin') return { tier: 'local' };
  const found = reached(value, 'alias');
  return found.tier === 'unresolved' ? { tier: 'local' } : found;
}

function resolveSuper(workspace: Workspace, unit: Unit, scope: number): Resolution {
  const owner = unit.facts.scopes[scope]?.owner ?? -1;
  if (owner < 0) return { tier: 'unresolved' };
  const definition = unit.definition(owner);
  const base = definition.bases?.[0];
  return reached(base === undefined ? undefined : workspace.base(unit, definition, base), 'this');
}

const callable: ReadonlySet<Definition['form']> = new Set<Definition['form']>([
  'function',
  'method',
  'class',
  'interface',
]);

function reached(value: Value | undefined, tier: Tier): Resolution {
  switch (value?.kind) {
    case 'definition':
      if (!callable.has(value.unit.definition(value.index).form)) return { tier: 'local' };
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

function byMethodName(workspace: Workspace, name: string): Resolution {
  if (isCommonMethod(name)) return { tier: 'unresolved' };
  const methods = workspace.methodsNamed(name);
  const [only] = methods;
  if (!only) return { tier: 'unresolved' };
  if (methods.length > 1) return { tier: 'ambiguous' };
  return { tier: 'unique', target: only.unit.breadcrumb(only.index) };
}
