/** @file Reference random numbers, one position at a time. */

import { normalAt, uniformAt } from "../../base/philox.ts";
import { shuffleInPlace } from "../../base/shuffle-in-place.ts";
import type { FillRandom, Shuffle } from "../backend.ts";

export function shuffle({ k0, k1, order }: Shuffle): void {
  shuffleInPlace(order, order.length, { key: [k0, k1] });
}

export function fillRandom(args: FillRandom): void {
  const stream = { key: [args.k0, args.k1] as const };
  const draw = args.normal ? normalAt : uniformAt;
  for (let i = 0; i < args.out.length; i++)
    args.out[i] = (args.scale ?? 1) * draw(stream, args.start + i);
}
