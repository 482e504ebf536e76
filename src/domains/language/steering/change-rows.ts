/** @file A change of a latent in the activations of one text. */

import type { SteeringChange } from "../../steering.ts";

/**
 * Changes the rows of one text. Special tokens stay as they are: SAEs are not trained on their
 * activations, which hold attention in place.
 *
 * @param rows [positions, width], changed in place.
 * @param ids  Token of each position.
 */
export async function changeRows(
  rows: Float32Array,
  ids: ArrayLike<number>,
  specialIds: ReadonlySet<number>,
  { direction, amounts }: SteeringChange,
): Promise<void> {
  const width = direction.length;
  const by = await amounts(rows, rows.length / width);
  for (let position = 0; position < by.length; position++) {
    if (specialIds.has(ids[position]!)) continue;
    for (let i = 0; i < width; i++) rows[position * width + i]! += by[position]! * direction[i]!;
  }
}
