/** An object with keys, as JSON and YAML know it: not null and not a list. */
export type Json = Readonly<Record<string, unknown>>;

/** Whether a value of JSON or YAML is an object with keys. */
export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * The value at a path of keys; undefined where the path leads nowhere.
 *
 * @example valueAt({ coupling: { weight: 3 } }, "coupling.weight") // 3
 */
export function valueAt(root: unknown, path: string | readonly PropertyKey[]): unknown {
  let node = root;
  for (const key of typeof path === "string" ? path.split(".") : path)
    node = typeof node === "object" && node !== null ? Reflect.get(node, key) : undefined;
  return node;
}
