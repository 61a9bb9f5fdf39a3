/** Follows names through scopes, files and types to what they stand for. */

import { defined } from '../../../protocol/defined.ts';
import { type Step, stepsOf, typeOfStep } from '../extract/callee-text.ts';
import type { Binding, Definition, Variable } from '../extract/facts.ts';
import { isGlobal } from './globals.ts';
import type { Config } from './module-config.ts';
import { type Module, Modules } from './modules.ts';
import type { Unit } from './unit.ts';
import { builtin, external, type Located, type Value } from './value.ts';

/** Longest way that is followed: imports that lead on, bases of bases, values of values. */
const longestWay = 12;

export class Workspace {
  readonly #units: ReadonlyMap<string, Unit>;
  readonly #modules: Modules;
  readonly #exported = new Map<Unit, Map<string, Value | undefined>>();
  readonly #methods = new Map<string, Located[]>();

  constructor(units: readonly Unit[], configs: readonly Config[]) {
    this.#units = new Map(units.map((unit) => [unit.name, unit]));
    this.#modules = new Modules(this.#units.keys(), configs);
    for (const unit of units) {
      for (const [index, { form, name }] of unit.facts.definitions.entries()) {
        if (form !== 'method') continue;
        const known = this.#methods.get(name);
        const method: Located = { kind: 'definition', unit, index };
        if (known) known.push(method);
        else this.#methods.set(name, [method]);
      }
    }
  }

  /** Every method of this name. */
  methodsNamed(name: string): readonly Located[] {
    return this.#methods.get(name) ?? [];
  }

  /** The scope that binds a name as seen from another, or -1. Bodies of Python's classes are seen only from themselves. */
  homeOf(unit: Unit, scope: number, name: string): number {
    const { scopes } = unit.facts;
    for (let index = scope; index >= 0; index = scopes[index]?.parent ?? -1) {
      if (unit.isPython && index !== scope && scopes[index]?.kind === 'class') continue;
      if (unit.binding(index, name)) return index;
    }
    return -1;
  }

  lookup(unit: Unit, scope: number, name: string): Binding | undefined {
    const home = this.homeOf(unit, scope, name);
    return home < 0 ? undefined : unit.binding(home, name);
  }

  /** What a name stands for; `*` imports of Python are looked through last. */
  named(unit: Unit, scope: number, name: string, way = 0): Value | undefined {
    const binding = this.lookup(unit, scope, name);
    if (binding) return this.bound(unit, binding, way + 1);
    if (unit.isPython) {
      const found = this.#fromStars(unit, name, way + 1);
      if (found) return found;
    }
    return isGlobal(unit.facts.language, name) ? builtin : undefined;
  }

  bound(unit: Unit, binding: Binding, way = 0): Value | undefined {
    if (way > longestWay) return undefined;
    if ('definition' in binding) return { kind: 'definition', unit, index: binding.definition };
    if ('from' in binding) return this.#imported(unit, binding.from, binding.name, way + 1);
    if ('self' in binding) return { kind: 'instance', unit, index: binding.self };
    if ('owner' in binding) return { kind: 'definition', unit, index: binding.owner };
    return this.#variable(unit, binding, way + 1);
  }

  #variable(unit: Unit, variable: Variable, way: number): Value | undefined {
    if (variable.type) return this.typed(unit, variable.scope, variable.type, way + 1);
    return variable.value ? this.evaluate(unit, variable.scope, stepsOf(variable.value), way + 1) : undefined;
  }

  /** A value of the type that is written as `type`. */
  typed(unit: Unit, scope: number, type: string, way = 0): Value | undefined {
    const found = this.evaluate(unit, scope, type.split('.'), way + 1);
    if (found?.kind !== 'definition') return found?.kind === 'module' ? undefined : found;
    const { form } = found.unit.definition(found.index);
    return form === 'function' || form === 'method' ? undefined : { ...found, kind: 'instance' };
  }

  /** What a chain of steps leads to. */
  evaluate(unit: Unit, scope: number, steps: readonly Step[], way = 0): Value | undefined {
    if (way > longestWay) return undefined;
    let value = this.#head(unit, scope, steps, way);
    let receiver: Value | undefined;
    const first = steps[0] === 'super' && steps[1] === '()' && unit.isPython ? 2 : 1;
    for (const step of steps.slice(first)) {
      if (!value) return undefined;
      if (step === '()') value = this.#called(value, receiver, way);
      else if (step === 'new()') value = constructed(value);
      else if (step === '[]') value = value.kind === 'external' ? value : undefined;
      else if (step === '?') value = undefined;
      else {
        receiver = value;
        value = this.member(value, step, way + 1);
        if (value?.kind === 'definition') {
          const { getter } = value.unit.definition(value.index);
          if (getter) value = this.#called(value, receiver, way);
        }
      }
    }
    return value;
  }

  #head(unit: Unit, scope: number, steps: readonly Step[], way: number): Value | undefined {
    const head = steps[0] as Step;
    const type = typeOfStep(head);
    if (type) return this.typed(unit, scope, type, way + 1);
    if (head === '?' || head === 'import') return undefined;
    const isSuper = head === 'super' && (!unit.isPython || steps[1] === '()');
    if (head !== 'this' && !isSuper) return this.named(unit, scope, head, way + 1);
    const around = unit.facts.scopes[scope];
    if (!around || around.owner < 0) return undefined;
    const { form } = unit.definition(around.owner);
    const kind = around.static || form === 'object' ? 'definition' : 'instance';
    if (!isSuper) return { kind, unit, index: around.owner };
    return { kind: 'instance', unit, index: around.owner, above: true };
  }

  #called(value: Value, receiver: Value | undefined, way: number): Value | undefined {
    if (value.kind === 'external') return value;
    if (value.kind !== 'definition') return undefined;
    const definition = value.unit.definition(value.index);
    if (definition.form === 'class') return value.unit.isPython ? { ...value, kind: 'instance' } : undefined;
    const { returns, scope } = definition;
    if (!returns) return undefined;
    if (returns === 'this' || returns === 'Self') return receiver?.kind === 'instance' ? receiver : undefined;
    return this.typed(value.unit, scope, returns, way + 1);
  }

  /** What the name after the dot stands for. */
  member(value: Value, name: string, way = 0): Value | undefined {
    if (way > longestWay) return undefined;
    switch (value.kind) {
      case 'external':
        return value;
      case 'builtin':
        return builtin;
      case 'module':
        return this.#moduleMember(value, name, way);
      default:
        return this.#own(value, name, way) ?? this.#inherited(value, name, way);
    }
  }

  #moduleMember(value: Extract<Value, { kind: 'module' }>, name: string, way: number): Value | undefined {
    const found = value.unit && this.exported(value.unit, name, way + 1);
    if (found) return found;
    const inside = value.folder === undefined ? undefined : this.#modules.inside(value.folder, name);
    return inside && this.#moduleValue(inside);
  }

  #own(value: Located, name: string, way: number): Value | undefined {
    if ('above' in value && value.above) return undefined;
    const { unit } = value;
    const definition = unit.definition(value.index);
    const wanted = value.kind === 'definition';
    const members = definition.members?.filter(([other]) => other === name) ?? [];
    const index = (members.find(([, member]) => isFitting(unit.definition(member), wanted)) ?? members[0])?.[1];
    // An instance and its class may have members of one name: never the one for the other.
    if (index !== undefined && (members.length === 1 || isFitting(unit.definition(index), wanted))) {
      return { kind: 'definition', unit, index };
    }
    const field = definition.fields?.find(([other]) => other === name)?.[1];
    if (field) return this.#variable(unit, field, way + 1);
    if (definition.form !== 'namespace') return undefined;
    const inner = unit.scopeOf(value.index);
    const binding = inner === undefined ? undefined : unit.binding(inner, name);
    return binding && this.bound(unit, binding, way + 1);
  }

  #inherited(value: Located, name: string, way: number): Value | undefined {
    const definition = value.unit.definition(value.index);
    for (const text of definition.bases ?? []) {
      const base = this.base(value.unit, definition, text, way + 1);
      if (!base) continue;
      const found = base.kind === 'definition' ? this.member({ ...base, kind: value.kind }, name, way + 1) : base;
      if (found) return found;
    }
    return undefined;
  }

  /** The class that a base means. */
  base(unit: Unit, definition: Definition, text: string, way = 0): Value | undefined {
    if (/[^\w$.]/.test(text)) return undefined;
    return this.evaluate(unit, definition.scope, text.split('.'), way + 1);
  }

  /** What a file gives to others under a name. */
  exported(unit: Unit, name: string, way = 0): Value | undefined {
    if (way > longestWay) return undefined;
    let known = this.#exported.get(unit);
    if (!known) {
      known = new Map();
      this.#exported.set(unit, known);
    }
    if (known.has(name)) return known.get(name);
    // Exports that lead round in a circle lead nowhere.
    known.set(name, undefined);
    const found = this.#findExported(unit, name, way);
    known.set(name, found);
    return found;
  }

  #findExported(unit: Unit, name: string, way: number): Value | undefined {
    const { exports, reexports } = unit.facts;
    const local = exports.find(([outer]) => outer === name)?.[1];
    if (typeof local === 'number') return { kind: 'definition', unit, index: local };
    const binding = unit.binding(0, local ?? name);
    if (binding) return this.bound(unit, binding, way + 1);
    const handed = reexports.find(([outer]) => outer === name);
    if (handed) return this.#imported(unit, handed[1], handed[2], way + 1);
    if (name === '=') return undefined;
    const whole = this.exported(unit, '=', way + 1);
    if (whole && name === 'default') return whole;
    const member = whole && this.member(whole, name, way + 1);
    if (member) return member;
    return name === 'default' ? undefined : this.#fromStars(unit, name, way + 1);
  }

  #fromStars(unit: Unit, name: string, way: number): Value | undefined {
    for (const [outer, from] of unit.facts.reexports) {
      if (outer !== '*') continue;
      const module = this.#modules.resolve(unit.name, from, unit.facts.language);
      const source = module?.file === undefined ? undefined : this.#units.get(module.file);
      const found = source && this.exported(source, name, way + 1);
      if (found) return found;
    }
    return undefined;
  }

  #imported(unit: Unit, from: string, name: string, way: number): Value | undefined {
    const module = this.#modules.resolve(unit.name, from, unit.facts.language);
    if (!module) return external;
    const value = this.#moduleValue(module);
    if (value?.kind !== 'module') return value;
    if (name === '*') return (value.unit && this.exported(value.unit, '=', way + 1)) ?? value;
    const found = this.#moduleMember(value, name, way + 1);
    // A module without a default export is its own default (CommonJS).
    return found ?? (name === 'default' && value.unit && isCommon(value.unit) ? value : undefined);
  }

  #moduleValue(module: Module): Value | undefined {
    const unit = module.file === undefined ? undefined : this.#units.get(module.file);
    if (!unit && module.folder === undefined) return undefined;
    return {
      kind: 'module',
      ...(unit ? { unit } : {}),
      ...defined({ folder: module.folder }),
    };
  }
}

function constructed(value: Value): Value | undefined {
  if (value.kind === 'definition') return { ...value, kind: 'instance' };
  return value.kind === 'module' ? undefined : value;
}

/** Whether a member is reached through the class itself (`static`) or through a value of it. */
function isFitting(member: Definition, throughClass: boolean): boolean {
  return (member.static === true) === throughClass;
}

function isCommon(unit: Unit): boolean {
  return unit.facts.exports.every(([name]) => name !== 'default');
}
