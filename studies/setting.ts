/** A value of a nested config by its path: `setting(config, "coupling.weight")`. */
export function setting(config: unknown, path: string): unknown {
  let node = config;
  for (const key of path.split("."))
    node = typeof node === "object" && node !== null ? Reflect.get(node, key) : undefined;
  return node;
}
