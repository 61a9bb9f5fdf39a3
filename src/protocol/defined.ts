/** The same object type, in which properties that may be `undefined` are optional instead. */
export type Defined<T> = {
  [K in keyof T as undefined extends T[K] ? never : K]: T[K];
} & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** Returns a copy of an object without its `undefined` properties, for types with exact optional properties. */
export function defined<T extends object>(values: T): Defined<T> {
  const result: Partial<T> = {};
  for (const key in values) {
    if (values[key] !== undefined) result[key] = values[key];
  }
  return result as object as Defined<T>;
}
