/** Frames and components that are not functions of a file: what their names mean. */

interface SpecialName {
  /** Name for users. */
  readonly title: string;
  readonly explanation: string;
}

const frames: Readonly<Record<string, SpecialName>> = {
  '(not sampled)': {
    title: '(not sampled)',
    explanation:
      'CPU time before the first and after the last sample of a thread, above all the start of the runtime. Its functions are not known.',
  },
  '(event loop)': {
    title: '(event loop)',
    explanation:
      'CPU time in which no JavaScript ran: timers, I/O and other work of the runtime between two callbacks. Waiting takes no CPU time and is not included.',
  },
  '(garbage collector)': {
    title: 'GC (garbage collector)',
    explanation: 'Time in which memory was freed. Functions that allocate less cause less of it.',
  },
  '(program)': {
    title: '(native code)',
    explanation: 'CPU time outside of JavaScript, such as that of compilers and of libraries of the runtime.',
  },
  '(idle)': { title: '(idle)', explanation: 'Time in which the thread waited.' },
  '(root)': { title: '(all)', explanation: 'Everything that the thread did.' },
};

const components: Readonly<Record<string, SpecialName>> = {
  '(native)': {
    title: 'built-in',
    explanation: 'A built-in function of the runtime, such as sort or JSON.parse. It has no source file.',
  },
  '(node)': { title: 'Node.js', explanation: 'Code of Node.js itself.' },
  '(generated code)': {
    title: 'generated code',
    explanation: 'Code that was not loaded from a file, such as that of eval or of templates.',
  },
};

/** Returns the name of a function for users. */
export function titleOfFunction(name: string): string {
  return frames[name]?.title ?? name;
}

/** Returns the name of a component for users. */
export function titleOfComponent(component: string): string {
  return components[component]?.title ?? component;
}

/** Returns the meaning of a frame that is not a function of a file; undefined for others. */
export function explainFrame({
  name,
  component,
}: {
  readonly name: string;
  readonly component: string;
}): string | undefined {
  return frames[name]?.explanation ?? components[component]?.explanation;
}
