import { expect, test } from "vitest";
import { reference } from "../../test/support/backends.ts";
import { parseConfig } from "../config/load-config.ts";
import { planMemory } from "./plan-memory.ts";

async function starting(dSae: number, dIn: number): Promise<number> {
  const text = `name: t
source: { kind: arrays, path: x.npy }
population: { architecture: topk_tied, d_sae: ${dSae}, k: 3 }
training: { batch: 8, steps: 1 }`;
  const [planned] = parseConfig(text, "t.yaml");
  const source = { dIn, rowsPerPass: 100, heldOutRows: 10, memoryBytes: 0, trueFeatures: 0 };
  const { phases } = await planMemory(reference, planned!.config, source, 0);
  return phases.find(({ what }) => what === "starting")!.bytes;
}

test("drawing orthogonal weights takes memory for the smaller side squared, not for d_in squared", async () => {
  const matrix = 4 * 32 * 7500;
  const bytes = await starting(32, 7500);
  expect(bytes).toBeGreaterThan(2 * matrix);
  expect(bytes).toBeLessThan(8 * matrix);
  // Wide dictionaries: the matrix once more, and six of d_in².
  const wide = await starting(4096, 64);
  expect(wide).toBeGreaterThanOrEqual(4 * 4096 * 64 + 24 * 64 * 64);
  expect(wide).toBeLessThan(3 * 4 * 4096 * 64);
});

test("what is open beside latents while they are described counts where a run ends with them", async () => {
  const looking = async (analyses: string, describingBytes: number) => {
    const text = `name: t
source: { kind: arrays, path: x.npy }
population: { d_sae: 32, k: 3 }
training: { batch: 8, steps: 1 }
analyses: ${analyses}`;
    const [planned] = parseConfig(text, "t.yaml");
    const facts = { dIn: 8, rowsPerPass: 100, heldOutRows: 10, memoryBytes: 0, trueFeatures: 0 };
    const { phases } = await planMemory(
      reference,
      planned!.config,
      { ...facts, describingBytes },
      0,
    );
    return phases.find(({ what }) => what === "looking at latents")?.bytes;
  };
  const listed = "[evaluation, agreement, features]";
  expect((await looking(listed, 5e6))! - (await looking(listed, 0))!).toBe(5e6);
  expect(await looking("[evaluation, agreement]", 5e6)).toBeUndefined();
});
