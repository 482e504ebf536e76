/**
 * @file Plain JSON between TypeScript's camelCase and the snake_case of files, for objects whose
 *   keys are not known beforehand.
 */

type CamelCase<Name extends string> = Name extends `${infer First}_${infer Rest}`
  ? `${First}${Capitalize<CamelCase<Rest>>}`
  : Name;

/** A type with its keys as {@link camelKeys} renames them, at any depth. */
export type CamelKeys<T> = T extends readonly unknown[]
  ? { [I in keyof T]: CamelKeys<T[I]> }
  : T extends object
    ? { [K in keyof T as K extends string ? CamelCase<K> : K]: CamelKeys<T[K]> }
    : T;

function renamed(value: unknown, rename: (key: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => renamed(item, rename));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  return Object.fromEntries(entries.map(([key, inner]) => [rename(key), renamed(inner, rename)]));
}

/** `heldOutRows` as `held_out_rows`. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/**
 * All keys as files have them: `heldOutRows` becomes `held_out_rows`. Keys that are names, such as
 * `Fp1`, stay.
 */
export function snakeKeys(value: unknown): unknown {
  return renamed(value, (key) => (/^[a-z][A-Za-z0-9]*$/.test(key) ? snakeCase(key) : key));
}

/** All keys as TypeScript has them: `held_out_rows` becomes `heldOutRows`. */
export function camelKeys<T>(value: T): CamelKeys<T> {
  return renamed(value, (key) =>
    /^[a-z][a-z0-9]*(_[a-z][a-z0-9]*)+$/.test(key)
      ? key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
      : key,
  ) as CamelKeys<T>;
}
