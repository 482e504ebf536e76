/**
 * @file Many values of one shape as columns: keys are written once, and numbers that belong
 *   together stand together, so that they compress well. `web/data/columns.ts` reads them.
 */

/** A column: values as they are, one for all, the keys of objects, or lists one after the other. */
export type Column =
  | readonly unknown[]
  | { readonly all: unknown }
  | { readonly keys: Readonly<Record<string, Column>>; readonly there?: readonly (0 | 1)[] }
  | { readonly lengths: Column; readonly items: Column; readonly there?: readonly (0 | 1)[] };

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Which values are not null; nothing where none is. */
function presence(values: readonly unknown[]): { readonly there?: readonly (0 | 1)[] } {
  return values.includes(null) ? { there: values.map((v) => (v === null ? 0 : 1)) } : {};
}

/**
 * The column of values of one shape: plain ones, objects of the same keys, or lists; null may stand
 * for any. Nothing may be undefined.
 */
export function toColumn(values: readonly unknown[]): Column {
  const [first, ...rest] = values.filter((value) => value !== null);
  if (Array.isArray(first)) {
    const lists = [first, ...rest] as unknown[][];
    const items = toColumn(lists.flat());
    return { lengths: toColumn(lists.map(({ length }) => length)), items, ...presence(values) };
  }
  if (isObject(first)) {
    const objects = [first, ...rest] as Readonly<Record<string, unknown>>[];
    const keys = Object.keys(first).map((key) => [key, toColumn(objects.map((o) => o[key]))]);
    return { keys: Object.fromEntries(keys) as Record<string, Column>, ...presence(values) };
  }
  const isOne = values.length > 1 && values.every((value) => value === values[0]);
  return isOne ? { all: values[0] } : values;
}
