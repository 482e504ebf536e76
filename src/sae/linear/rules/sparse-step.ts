/** @file Decoding a code with the gradient of its values, and the same by latent. */

import type { Member } from "../member.ts";
import type { Workspace } from "../workspace.ts";
import type { Centred } from "./rule.ts";

/**
 * Decodes the workspace's code: residual, its length per row, and for every entry
 * residualScale · ⟨residual, atom⟩ + l1.
 *
 * @param positiveOnly Entries that are not positive get the gradient zero.
 */
export async function decodeCode(
  { parameters: p }: Member,
  w: Workspace,
  { target, residualScale }: Pick<Centred, "target" | "residualScale">,
  { l1, positiveOnly }: { readonly l1: number; readonly positiveOnly: boolean },
): Promise<void> {
  const { backend, batch, dIn } = w;
  await backend.decode({
    wDec: p.unit,
    ...w.code,
    batch,
    dIn,
    target,
    targetScale: 1,
    residual: w.residual,
    rowLoss: w.rowLoss,
    residualScale,
    l1,
    positiveOnly,
  });
}

/** Sorts the workspace's code and its gradient by latent. */
export async function transposeCode({ backend, batch, dSae, code }: Workspace): Promise<void> {
  await backend.transpose({ batch, dSae, ...code });
}
