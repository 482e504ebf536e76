import { expect, test } from "vitest";
import { backendNames, openNamed } from "../../../test/support/backends.ts";
import { linearSpec } from "../../../test/support/linear.ts";
import { normals } from "../../../test/support/random.ts";
import { allocateMember, initialiseWeights } from "./member.ts";
import { firstMargin, nextMargin } from "./screen-margin.ts";
import { trainStep } from "./train-step.ts";
import { allocateWorkspace } from "./workspace.ts";

test("it widens while many rows fail, keeps while few do, and comes back slowly", () => {
  const first = firstMargin(8);
  expect(nextMargin(first, 8, 0.5)).toBe(2 * first);
  expect(nextMargin(2 * first, 8, 0.001)).toBe(2 * first);
  expect(nextMargin(2 * first, 8, 0)).toBe(Math.floor(1.96 * first));
  expect(nextMargin(first, 8, 0)).toBe(first);
  let margin = first;
  for (let step = 0; step < 20; step++) margin = nextMargin(margin, 8, 1);
  expect(margin).toBe(4 * first);
});

const [D_IN, D_SAE, K, BATCH, STEPS] = [32, 2048, 8, 128, 40];

/** Noise learned by heart: scores crowd round the k-th. */
async function learnByHeart(name: string, widen: boolean) {
  const backend = openNamed(name);
  const spec = linearSpec("topk", { dIn: D_IN, dSae: D_SAE, k: K });
  const adam = { lr: 1e-3, beta1: 0.9, beta2: 0.999, eps: 1e-8 };
  const member = allocateMember(backend, { dIn: D_IN, dSae: D_SAE, spec, adam });
  await initialiseWeights(backend, member, { seed: 0, restart: 0 });
  const w = allocateWorkspace(backend, {
    batch: BATCH,
    dIn: D_IN,
    dSae: D_SAE,
    capacity: BATCH * K,
  });
  const x = backend.float32(BATCH * D_IN);
  x.set(normals("by heart", BATCH * D_IN));
  const losses: number[] = [];
  for (let step = 0; step < STEPS; step++) {
    if (!widen) member.screenMargin = 1;
    losses.push((await trainStep(member, w, { x, lr: 1e-3 })).loss);
  }
  return { losses, encoder: member.parameters.encoder!.parameter.slice() };
}

test.each([...backendNames].filter((name) => name !== "reference"))(
  "on %s it changes the time that training takes and nothing else",
  async (name) => {
    expect(await learnByHeart(name, true)).toEqual(await learnByHeart(name, false));
  },
);
