import { basename, isAbsolute, resolve } from 'node:path';
import type { Definition } from '../../protocol/batch/batch.ts';
import { maxTextLength } from '../../protocol/schema.ts';
import type { PythonCode } from './code-objects.ts';
import { type DefinitionLines, readDefinitionLines } from './definition-lines.ts';
import { type PythonOwner, probeOwner } from './python-owner.ts';

/** Maximum numbers of functions of the user and of others with their own name; further ones are counted together. */
const maxUserFunctions = 5000;
const maxForeignFunctions = 2000;
const maxFiles = 2000;
/** As in the Python probe, so that both give a function the same name. */
const maxNameLength = 200;
const functionsComponent = 'functions';

/** CPU time before the first stack. */
const unsampledName = '(not sampled)';
/** CPU time of a thread that ran no Python code. */
const interpreterName = '(interpreter)';
const otherName = '(other functions)';

/** Gives the functions of a process numbers, and the names, files and lines that the Python probe gives them. */
export class PythonFunctions {
  readonly #owner: PythonOwner;
  /** Working folder of the process, to which file names may be relative. */
  readonly #folder: string;
  readonly #ids = new WeakMap<PythonCode, number>();
  readonly #idByKey = new Map<string, number>();
  readonly #definitions: Definition[] = [];
  readonly #files = new Map<string, DefinitionLines>();
  #foreignCount = 0;

  constructor(owner: PythonOwner, folder: string) {
    this.#owner = owner;
    this.#folder = folder;
  }

  /** Definition of a function that has a number. */
  definitionOf(id: number): Definition | undefined {
    return this.#definitions[id - 1];
  }

  get unsampled(): number {
    return this.#idOfName(unsampledName, functionsComponent);
  }

  get interpreter(): number {
    return this.#idOfName(interpreterName, functionsComponent);
  }

  /** Number of all code of the probe in the process. */
  get probe(): number {
    return this.#idOfName(probeOwner, functionsComponent);
  }

  idOf(code: PythonCode): number {
    const cached = this.#ids.get(code);
    if (cached !== undefined) return cached;
    const id = this.#resolve(code);
    this.#ids.set(code, id);
    return id;
  }

  #resolve(code: PythonCode): number {
    const isFile = !code.file.startsWith('<');
    const file = isFile ? resolve(this.#folder, code.file) : code.file;
    const owner = this.#owner.ownerOf(file);
    if (owner === probeOwner) return this.probe;
    if (owner === undefined) return this.#idOfUserFunction(code, file);
    if (this.#foreignCount >= maxForeignFunctions) return this.#idOfName(owner, owner);
    this.#foreignCount++;
    const hasPlace = isFile && isAbsolute(file) && file.length <= maxTextLength;
    const name = isFile || code.name !== '<module>' ? nameOf(code, file) : `${code.name} of ${code.file}`;
    return this.#add(`${owner}\0${file}\0${code.firstLine}\0${name}`, {
      component: owner,
      name,
      ...(hasPlace ? { file, line: Math.max(1, code.firstLine) } : {}),
    });
  }

  #idOfUserFunction(code: PythonCode, file: string): number {
    const userCount = this.#definitions.length - this.#foreignCount;
    if (userCount >= maxUserFunctions || file.length > maxTextLength)
      return this.#idOfName(otherName, functionsComponent);
    const defined = this.#definitionsOf(file).get(code.firstLine);
    const isSame = defined && lastPartOf(defined.name) === lastPartOf(code.name);
    const name = isSame && !code.name.includes('.') ? defined.name.slice(0, maxNameLength) : nameOf(code, file);
    const line = code.name === '<module>' ? 1 : isSame ? defined.line : Math.max(1, code.firstLine);
    return this.#add(`${file}\0${line}\0${name}`, { component: functionsComponent, name, file, line });
  }

  #definitionsOf(file: string): DefinitionLines {
    let definitions = this.#files.get(file);
    if (!definitions) {
      definitions = readDefinitionLines(file);
      if (this.#files.size < maxFiles) this.#files.set(file, definitions);
    }
    return definitions;
  }

  #idOfName(name: string, component: string): number {
    return this.#add(`${component}\0${name}`, { component, name });
  }

  #add(key: string, { name, ...rest }: Omit<Definition, 'id' | 'kind'>): number {
    const existing = this.#idByKey.get(key);
    if (existing !== undefined) return existing;
    const id = this.#definitions.length + 1;
    this.#definitions.push({ id, ...rest, name: name.slice(0, maxNameLength), kind: 'function' });
    this.#idByKey.set(key, id);
    return id;
  }
}

/** Returns the name of code without `<locals>`. A module is called after its file, as modules of Node are. */
function nameOf({ name }: PythonCode, file: string): string {
  return name === '<module>'
    ? `(top level of ${basename(file)})`
    : name.replaceAll('<locals>.', '').slice(0, maxNameLength);
}

function lastPartOf(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}
