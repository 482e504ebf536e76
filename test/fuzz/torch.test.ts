/**
 * Damaged files of torch.save: an answer or a refusal in one line, and never a tensor that reaches
 * beyond the file.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { integerAt, randomStream } from "../../src/base/philox.ts";
import { unpickle } from "../../src/formats/torch/pickle.ts";
import { openTorchFile } from "../../src/formats/torch/torch-file.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import type { Seed } from "./corpus.ts";
import { damaged } from "./damaged.ts";
import { survives } from "./survives.ts";

const GOLDEN = join(import.meta.dirname, "../golden/torch");
const golden = (name: string): Seed => [name, readFileSync(join(GOLDEN, name))];

test("files in both formats", async () => {
  const path = join(temporaryFolder(), "x.pt");
  const seeds = ["state.pt", "state-legacy.pt", "nested.pt", "class-refused.pt"].map(golden);
  const survival = await survives(damaged(seeds, 400), async (bytes) => {
    writeFileSync(path, bytes);
    const file = await openTorchFile(path);
    try {
      for (const name of file.names) {
        const { start, end } = file.entry(name);
        expect(start).toBeGreaterThanOrEqual(0);
        expect(end).toBeLessThanOrEqual(bytes.byteLength);
        await file.read(name);
      }
    } finally {
      await file.close();
    }
  });
  expect(survival.parsed).toBeGreaterThan(50);
  expect(survival.refused).toBeGreaterThan(300);
});

test("pickles of random opcodes", async () => {
  // The opcodes of pickletools and a few bytes that follow them.
  const codes = Buffer.from("()0125BCFGIJKLMNPQRSTUVX]abcdeghijlopqrstu}", "latin1");
  const more = [0x80, 0x81, 0x82, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8c, 0x8d, 0x93, 0x94, 0x95];
  const all = Uint8Array.from([...codes, ...more, 0, 1, 2, 255]);
  const inputs = Array.from({ length: 20_000 }, (_, number): Seed => {
    const stream = randomStream(number, "fuzz/pickle");
    const length = 1 + integerAt(stream, 0, 60);
    const bytes = Uint8Array.from({ length }, (_, i) => all[integerAt(stream, i + 1, all.length)]!);
    return [`pickle ${number}`, bytes];
  });
  const survival = await survives(inputs, (bytes) => unpickle(bytes, 0, "x.pkl"));
  expect(survival.refused).toBeGreaterThan(10_000);
});

test("a pickle that asks for one list again and again does not make more than it holds", () => {
  const pair = Buffer.from("\x4b\x01\x4b\x02\x86", "latin1");
  // A list of 2000 pairs, kept; then 2000 dictionaries made of it.
  const head = Buffer.from("\x80\x02]q\0(", "latin1");
  const list = Buffer.concat([head, ...Array<Buffer>(2000).fill(pair), Buffer.from("e0")]);
  const dict = Buffer.from("ccollections\nOrderedDict\nh\0\x85R0", "latin1");
  const bytes = Buffer.concat([list, ...Array<Buffer>(2000).fill(dict), Buffer.from("N.")]);
  expect(() => unpickle(bytes, 0, "x.pkl")).toThrow(/it makes more than it holds/);
});
