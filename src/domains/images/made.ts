/**
 * @file Pictures that are made, not read: what a program that draws them provides. Picture i is a
 *   function of the seed and i alone, so that any part can be made again, in any order.
 */

import type { GroupOptions } from "./groups/picture-group.ts";

/** The names that pictures are sorted under. */
export interface PictureClasses {
  /** [classes] */
  readonly names: readonly string[];
  /** By picture its class, [n]: an index into `names`. */
  readonly of: Int32Array;
}

/** A question that each picture answers with yes or no: "a red star in the centre". */
export interface PictureTask {
  readonly name: string;
  /** What its answer depends on, by which results are split: `invariant`, `pose`, `position`. */
  readonly kind: string;
  /** By picture, 1 for yes and 0 for no, [n]. */
  readonly labels: Uint8Array;
}

/** What is known of pictures. */
export interface MadeLabels {
  readonly classes?: PictureClasses;
  readonly tasks?: readonly PictureTask[];
}

/** Pictures of one size, in their canonical pose. */
export interface MadePictures extends MadeLabels {
  /** [n, height, width, channels], 0 to 255; channels last, in the order red, green, blue. */
  readonly pixels: Uint8Array;
}

/** Which pictures are made. */
export interface MadeOptions {
  /** Pictures of the whole set; classes and tasks are balanced over it. */
  readonly count: number;
  /** Height and width, pixels. */
  readonly size: number;
  readonly seed: number;
  /** Pictures [first, first + n) of the set are made. */
  readonly first: number;
  readonly n: number;
}

/** A program that draws pictures: `source.pictures: { made: <name> }`. */
export interface PictureMaker {
  /** In configs. */
  readonly name: string;
  /** 1 for grey, 3 for colour. */
  readonly channels: number;
  /** What they are, for provenance and reports: "galaxies, rendered, not photographed". */
  readonly description: string;
  /** True where they stand in for pictures that could not be had. */
  readonly isSubstitute: boolean;
  /** Sizes that can be drawn: a smaller or larger one is refused before any work. */
  readonly sizes: { readonly from: number; readonly to: number };
  /**
   * Draws them. Classes and tasks are those of the pictures made, in their order.
   *
   * @throws {ConcordError} when a library that it draws with is missing.
   */
  make(options: MadeOptions): Promise<MadePictures>;
  /**
   * The classes and tasks that `make` would give, without drawing. Undefined: all pictures are
   * drawn once more for them.
   */
  labels?(options: MadeOptions): Promise<MadeLabels>;
  /**
   * How answers to tasks move with pictures: by pose of a group, for each task, the task that has
   * this answer in the canonical pose. Undefined, also as a result: answers do not move.
   */
  movedTasks?(group: GroupOptions): readonly Int32Array[] | undefined;
}
