import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { mutated } from "../../test/fuzz/mutate.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { float32Tensor, tensor } from "../base/tensor.ts";
import {
  type Checkpoint,
  latestCheckpoint,
  removeOldCheckpoints,
  writeCheckpoint,
} from "./checkpoints.ts";
import { RunFolder } from "./run-folder.ts";

function checkpoint(step: number): Checkpoint {
  return {
    step,
    stream: { position: 12_345 * step, seed: 7 },
    tensors: new Map([
      ["w", float32Tensor([2, 3], Float32Array.from([1, -0, 3, Number.NaN, 5, step]))],
      ["v", tensor("float64", [2], Float64Array.from([1e-300, step]))],
    ]),
    json: { members: [{ name: "member-0", steps: step }] },
  };
}

const silent = (message: string) => {
  throw new Error(message);
};

test("the newest is read back as it was written, and the last few are kept", async () => {
  const folder = new RunFolder(temporaryFolder());
  mkdirSync(folder.file("checkpoints/step-000002.partial"), { recursive: true });
  for (const step of [1, 2, 3, 1_000_000]) await writeCheckpoint(folder, checkpoint(step), 2);
  expect(readdirSync(folder.file("checkpoints"))).toEqual(["step-000003", "step-1000000"]);
  const { tensors, ...rest } = (await latestCheckpoint(folder, silent))!;
  const { tensors: expected, ...others } = checkpoint(1_000_000);
  expect(rest).toEqual(others);
  expect([...tensors.keys()].sort()).toEqual(["v", "w"]);
  for (const [name, { data }] of tensors) expect(data).toEqual(expected.get(name)!.data);
});

test("old ones that a kill left are removed, and damaged later ones cost no good one its place", async () => {
  const folder = new RunFolder(temporaryFolder());
  const names = () => readdirSync(folder.file("checkpoints"));
  for (const step of [1, 2, 3]) await writeCheckpoint(folder, checkpoint(step), 3);
  mkdirSync(folder.file("checkpoints/step-000004.partial"));
  await removeOldCheckpoints(folder, 3, 2);
  expect(names()).toEqual(["step-000002", "step-000003"]);
  writeFileSync(folder.file("checkpoints/step-000003/state.json"), "");
  await removeOldCheckpoints(folder, 2, 1);
  expect((await latestCheckpoint(folder, () => {}))?.step).toBe(2);
  await writeCheckpoint(folder, checkpoint(2), 1);
  expect(names()).toEqual(["step-000002", "step-000003"]);
});

test("its checksums are those of sha256sum", async ({ skip }) => {
  const folder = new RunFolder(temporaryFolder());
  await writeCheckpoint(folder, checkpoint(5), 2);
  const cwd = folder.file("checkpoints", "step-000005");
  const { status, error, stdout } = spawnSync("sha256sum", ["-c", "SHA256SUMS"], { cwd });
  if (error) skip();
  expect([status, String(stdout)]).toEqual([0, "state.json: OK\nstate.safetensors: OK\n"]);
});

test("damaged in any file, it is passed over for the one before, with a line that names the file", async () => {
  const folder = new RunFolder(temporaryFolder());
  for (const step of [4, 5]) await writeCheckpoint(folder, checkpoint(step), 2);
  const path = folder.file("checkpoints", "step-000005");
  const names = readdirSync(path);
  expect(names).toEqual(["SHA256SUMS", "state.json", "state.safetensors"]);
  for (const name of names) {
    const good = readFileSync(join(path, name));
    const cases = Array.from({ length: 20 }, (_, number) => mutated(good, name, number));
    for (const bytes of [...cases, undefined]) {
      if (bytes) writeFileSync(join(path, name), bytes);
      else rmSync(join(path, name));
      const lines: string[] = [];
      const found = await latestCheckpoint(folder, (line) => lines.push(line));
      const isWhole = bytes !== undefined && good.equals(bytes);
      // Another spelling of the sums may say the same.
      if (name !== "SHA256SUMS" || found?.step === 4) expect(found?.step).toBe(isWhole ? 5 : 4);
      expect(lines).toHaveLength(found?.step === 5 ? 0 : 1);
      for (const line of lines)
        expect(line).toMatch(/^Checkpoint step-000005 cannot be used: .*step-000005.*$/);
    }
    writeFileSync(join(path, name), good);
  }
});
