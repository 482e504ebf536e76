/** @file Gives members the training rows that their start is made from, such as for k-means. */

import { ConcordError } from "../errors.ts";
import type { ActivationStream } from "../sources/source.ts";
import type { Population } from "./population.ts";

/**
 * Shows the first rows of a stream to the members whose start needs some, and puts the stream back
 * where it stood. Members that need none, or have had theirs, are left alone; so it may be called
 * twice.
 *
 * A stream gives whole batches, and of one with an end no row twice. Of rows with targets, members
 * get the targets, because these are what atoms are to be made of.
 *
 * @throws {ConcordError} "numeric/not-finite" naming the row; what the members throw, such as for
 *   fewer rows than centroids.
 */
export async function giveStartRows(
  { backend, dIn, batch, members }: Population,
  stream: ActivationStream,
): Promise<void> {
  const wanted = Math.max(0, ...members.map(({ sae }) => sae.startRows ?? 0));
  if (wanted === 0) return;
  const rows = Math.min(wanted, stream.rowsPerPass ?? wanted);
  const room = Math.ceil(rows / batch) * batch * dIn;
  const x = backend.float32(room);
  const targets = stream.hasTargets ? backend.float32(room) : undefined;
  const before = stream.state();
  for (let at = 0; at < room; at += batch * dIn)
    await stream.next(x.subarray(at, at + batch * dIn), targets?.subarray(at, at + batch * dIn));
  await stream.seek(before);
  const shown = (targets ?? x).subarray(0, rows * dIn);
  const badRow = await backend.center({ x: shown, batch: rows, dIn, out: shown });
  if (badRow >= 0)
    throw new ConcordError(
      "numeric/not-finite",
      `Training row ${badRow} holds a value that is not finite.`,
      { hint: "Set source.skip_non_finite to leave such rows out, or repair the data." },
    );
  const found = new Map<string, object>();
  for (const { sae } of members) {
    const own = Math.min(rows, sae.startRows ?? 0);
    if (own > 0) await sae.startOn?.(shown.subarray(0, own * dIn), found);
  }
}
