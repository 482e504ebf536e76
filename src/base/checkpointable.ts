/**
 * @file What a checkpoint keeps of one part of a run: named arrays, and plain JSON for everything
 *   else.
 */

/** The arrays that a checkpoint can hold. */
export type SavedArray = Float32Array | Float64Array | Int32Array;

/** A state as `save` gives it and `load` takes it. */
export interface SavedState {
  /** By a name that is stable between versions. */
  readonly arrays: Readonly<Record<string, SavedArray>>;
  /** Numbers, texts, booleans, null, and lists and objects of these. */
  readonly json: Readonly<Record<string, unknown>>;
}

/** Something whose state decides how a run continues. */
export interface Checkpointable {
  /**
   * The present state. Arrays may share memory with what they describe, so write them before
   * anything changes.
   */
  save(): SavedState;
  /**
   * Restores what `save` returned. The arrays have the names, types and lengths that `save` returns
   * now; they are copied.
   */
  load(state: SavedState): void | Promise<void>;
}

/** Copies saved arrays into the arrays of the same names. */
export function copyArrays(
  into: Readonly<Record<string, SavedArray>>,
  from: Readonly<Record<string, SavedArray>>,
): void {
  for (const [name, array] of Object.entries(into)) array.set(from[name]!);
}

/** The part of a state below a prefix: `member.0.` selects `member.0.encoder` and others. */
export function statesBelow(
  prefix: string,
  arrays: ReadonlyMap<string, SavedArray>,
): Record<string, SavedArray> {
  const below = [...arrays].filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(below.map(([name, array]) => [name.slice(prefix.length), array]));
}
