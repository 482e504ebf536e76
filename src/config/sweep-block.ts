/**
 * @file The `sweep` of a config: keys with the values that runs are made for. It reaches every key,
 *   those of `population` too, where a plain list makes members instead.
 */

import { isObject } from "../base/json.ts";
import { ConfigError } from "../errors.ts";
import { showName } from "../formats/show-name.ts";

/** A key with the values that it takes in the runs of a sweep. */
export interface SweepAxis {
  readonly path: readonly string[];
  readonly values: readonly unknown[];
}

const HINT = "Give keys with lists of values, for example sweep: { population.k: [16, 32] }.";

/** Keys that are the same for all runs of a sweep. */
const FIXED: ReadonlySet<string> = new Set(["name", "runs_folder", "sweep"]);

function leaves(node: unknown, path: string): [string, unknown][] {
  if (!isObject(node)) return [[path, node]];
  return Object.entries(node).flatMap(([key, value]) =>
    leaves(value, path === "" ? key : `${path}.${key}`),
  );
}

/**
 * A block with sections within sections as one of keys with dots, which mean the same. @throws
 * {ConfigError} for a key given twice.
 */
export function flatSweep(block: unknown, where: string): unknown {
  if (!isObject(block)) return block;
  const entries = leaves(block, "");
  const flat = new Map(entries);
  if (flat.size < entries.length) {
    const twice = entries.find(([key], i) => entries.findIndex(([other]) => other === key) < i)!;
    throw new ConfigError(`${where}: sweep.${showName(twice[0])} is given twice.`);
  }
  return Object.fromEntries(flat);
}

/**
 * The part of a config that a key of the block stands for is in another's way: `population` and
 * `population.k`.
 */
function overlaps(a: readonly string[], b: readonly string[]): boolean {
  return a.every((key, i) => i >= b.length || key === b[i]);
}

/**
 * The axes that a flat `sweep` block describes.
 *
 * @param lists Axes that stand elsewhere in the config.
 * @param where Names the place of a key of the block in messages.
 * @throws {ConfigError} for anything but lists of values, empty lists, axes in each other's way,
 *   and keys that cannot differ.
 */
export function sweepBlockAxes(
  block: unknown,
  lists: readonly SweepAxis[],
  where: (key: readonly string[]) => string,
): SweepAxis[] {
  if (!isObject(block))
    throw new ConfigError(`${where([])}: sweep: expected a section.`, { hint: HINT });
  const axes: SweepAxis[] = [];
  for (const [key, values] of Object.entries(block)) {
    const refuse = (problem: string, hint = HINT) =>
      new ConfigError(`${where([key])}: sweep.${showName(key)}: ${problem}`, { hint });
    const path = key.split(".");
    if (!Array.isArray(values)) throw refuse("expected a list of values.");
    if (values.length === 0) throw refuse("the list is empty.");
    if (FIXED.has(path[0]!)) throw refuse("this key is the same for all runs of a sweep.");
    const other = [...lists, ...axes].find((axis) => overlaps(axis.path, path));
    if (other)
      throw refuse(
        `${showName(other.path.join("."))} has a list of values as well.`,
        "Give the values in one place.",
      );
    axes.push({ path, values });
  }
  return axes;
}
