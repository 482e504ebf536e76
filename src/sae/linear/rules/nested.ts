/**
 * @file Losses of nested prefixes of a dictionary: the first latents alone must reconstruct, too.
 *
 *   x̂_g = Σ_{f < width_g} z_f d_f,  L = mean_g mean_b ‖x̂_g − target‖²
 *
 * Latent f of the g-th group (those of prefix g that prefix g − 1 lacks) takes part in the
 * residuals of the prefixes from g on. Their sum S_g = Σ_{h ≥ g} (x̂_h − target) takes the place of
 * the one residual in both of its gradients.
 */

import type { SparseGradient } from "../../../backend/backend.ts";
import type { Member } from "../member.ts";
import { roomOf, type Workspace } from "../workspace.ts";
import { type Centred, codeMeans, entries, type Found, sum } from "./rule.ts";
import { transposeCode } from "./sparse-step.ts";

/** Latents of each prefix, each half as many as the next; the last is the whole dictionary. */
export function prefixWidths(dSae: number, prefixes: number): number[] {
  return Array.from({ length: prefixes }, (_, g) => Math.floor(dSae / 2 ** (prefixes - 1 - g)));
}

/** Memory of the prefixes: a residual for each, and the code in groups. */
export function nestedRoom(w: Workspace, prefixes: number) {
  return roomOf(w, "nested", ({ backend, batch, dIn, dSae, code }) => {
    const capacity = code.indices.length;
    return {
      residuals: Array.from({ length: prefixes }, () => backend.float32(batch * dIn)),
      rowLoss: backend.float32(batch),
      indptr: Array.from({ length: prefixes }, () => backend.int32(batch + 1)),
      latentIndptr: Array.from({ length: prefixes }, () => backend.int32(dSae + 1)),
      indices: backend.int32(capacity),
      values: backend.float32(capacity),
      grads: backend.float32(capacity),
      zeros: backend.float32(capacity),
      /** Where each entry of the groups came from. */
      origin: backend.int32(capacity),
    };
  });
}

/** Sorts the entries of the workspace's code by group. @returns Where each group starts. */
function splitByGroup(w: Workspace, widths: readonly number[]): number[] {
  const { batch, code } = w;
  const room = nestedRoom(w, widths.length);
  const starts: number[] = [];
  let at = 0;
  for (const [g, width] of widths.entries()) {
    const first = widths[g - 1] ?? 0;
    starts.push(at);
    for (let b = 0; b < batch; b++) {
      room.indptr[g]![b] = at - starts[g]!;
      for (let e = code.indptr[b]!; e < code.indptr[b + 1]!; e++) {
        const latent = code.indices[e]!;
        if (latent < first || latent >= width) continue;
        room.indices[at] = latent;
        room.values[at] = code.values[e]!;
        room.origin[at++] = e;
      }
    }
    room.indptr[g]![batch] = at - starts[g]!;
  }
  starts.push(at);
  return starts;
}

/** Residuals of all prefixes, gradients of the workspace's code, and where gradients come from. */
export async function nestedDecode(
  { parameters: p }: Member,
  w: Workspace,
  { centred, target, residualScale }: Centred,
  prefixes: number,
): Promise<Pick<Found, "l0" | "l1" | "reconstruction" | "sources" | "output">> {
  const { backend, batch, dIn, dSae, code } = w;
  const widths = prefixWidths(dSae, prefixes);
  const room = nestedRoom(w, prefixes);
  const { residuals, rowLoss } = room;
  const starts = splitByGroup(w, widths);
  const scale = residualScale / prefixes;
  const group = (g: number) => ({
    indptr: room.indptr[g]!,
    indices: room.indices.subarray(starts[g]!),
    batch,
    dIn,
    wDec: p.unit,
  });
  let squaredErrors = 0;
  for (let g = 0; g < prefixes; g++) {
    const isLast = g === prefixes - 1;
    const from =
      g === 0 ? { target, targetScale: 1 } : { target: residuals[g - 1]!, targetScale: -1 };
    const into = isLast ? w.residual : residuals[g]!;
    const losses = isLast ? w.rowLoss : rowLoss;
    const values = room.values.subarray(starts[g]!);
    await backend.decode({ values, ...group(g), ...from, residual: into, rowLoss: losses });
    squaredErrors += sum(losses, batch) / batch;
  }
  // From the last to the first, each residual becomes the sum of itself and those after it.
  const last = residuals[prefixes - 1]!;
  last.set(w.residual.subarray(0, batch * dIn));
  for (let g = prefixes - 2; g >= 0; g--) {
    const [own, after] = [residuals[g]!, residuals[g + 1]!];
    for (let i = 0; i < batch * dIn; i++) own[i]! += after[i]!;
  }
  for (let g = 0; g < prefixes; g++)
    // A code of zeros adds nothing to the residual, and leaves its product with every atom.
    await backend.decode({
      values: room.zeros,
      ...group(g),
      target: residuals[g]!,
      targetScale: -1,
      residual: residuals[g]!,
      rowLoss,
      codeGrad: room.grads.subarray(starts[g]!),
      residualScale: scale,
      l1: 0,
      positiveOnly: false,
    });
  const nnz = entries(w);
  for (let i = 0; i < nnz; i++) code.codeGrad[room.origin[i]!] = room.grads[i]!;
  await transposeCode(w);
  const sources = widths.map((width, g): SparseGradient => {
    const latentIndptr = room.latentIndptr[g]!;
    const first = code.latentIndptr[widths[g - 1] ?? 0]!;
    const end = code.latentIndptr[width]!;
    for (let f = 0; f <= dSae; f++)
      latentIndptr[f] = Math.min(Math.max(code.latentIndptr[f]!, first), end) - first;
    return {
      x: centred,
      residual: residuals[g]!,
      residualScale: scale,
      latentIndptr,
      rows: code.rows.subarray(first),
      latentValues: code.latentValues.subarray(first),
      latentGrads: code.latentGrads.subarray(first),
    };
  });
  const mean = codeMeans(w);
  return {
    reconstruction: squaredErrors / prefixes,
    ...mean,
    sources,
    output: { residual: residuals[0]!, scale },
  };
}
