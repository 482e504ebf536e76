import { expect, test } from "vitest";
import { reference } from "../../../../test/support/backends.ts";
import { madeRows, madeSae } from "../../../../test/support/made-sae.ts";
import { activationsOf } from "./activations.ts";
import { readActivations } from "./read-codes.ts";

test("negative activations of an SAE without a ReLU count as none", async () => {
  const rows = { ...madeRows(40, 6), dIn: 6, heldOutFrom: 0, close: async () => undefined };
  const of = (relu: boolean) => {
    const sae = { ...madeSae("signed"), selection: { kind: "topk" as const, k: 8, relu } };
    return readActivations(reference, sae, rows, async () => {});
  };
  const [signed, positive] = [await of(false), await of(true)];
  for (let latent = 0; latent < 8; latent++)
    expect(activationsOf(signed, latent)).toEqual(activationsOf(positive, latent));
  expect(signed.values.length).toBeGreaterThan(0);
  expect(Math.min(...signed.values)).toBeGreaterThan(0);
});
