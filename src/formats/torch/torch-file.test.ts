import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { readSafetensors } from "../safetensors-file.ts";
import { bytesOf } from "../typed-bytes.ts";
import { openTorchFile } from "./torch-file.ts";

const GOLDEN = resolve(import.meta.dirname, "../../../test/golden/torch");
const golden = (name: string) => join(GOLDEN, name);

describe.each(["state.pt", "state-legacy.pt"])("%s", (name) => {
  test("holds the tensors that torch saved, views and transposed ones among them", async () => {
    const { tensors } = await readSafetensors(golden("expected.safetensors"));
    const file = await openTorchFile(golden(name));
    expect(new Set(file.names)).toEqual(new Set(tensors.keys()));
    for (const [key, wanted] of tensors) {
      const found = await file.read(key);
      expect([key, found.dtype, found.shape]).toEqual([key, wanted.dtype, wanted.shape]);
      expect(Buffer.compare(bytesOf(found.data), bytesOf(wanted.data))).toBe(0);
    }
    expect(file.entry("whole").start).toBe(file.entry("rows").start - 6 * 4);
    expect(file.entry("rows").isContiguous).toBe(true);
    expect(file.entry("transposed").isContiguous).toBe(false);
    expect(() => file.entry("nothing")).toThrow(/has no tensor named nothing/);
    await file.close();
  });
});

test("dictionaries in dictionaries are joined by dots, and numbers beside them left out", async () => {
  const file = await openTorchFile(golden("nested.pt"));
  expect(file.names).toContain("state_dict.float32");
  expect(file.names).not.toContain("step");
  await file.close();
});

test.each([
  ["system-refused.pt", /it asks for (posix|os)\.system, which is not run/],
  ["nested-refused.pt", /it asks for (posix|os)\.system, which is not run/],
  ["legacy-refused.pt", /it asks for (posix|os)\.system, which is not run/],
  ["class-refused.pt", /it asks for __main__\.OfItsOwn, which is not run/],
  ["module-refused.pt", /it asks for torch\.nn\.modules\.linear\.Linear, which is not run/],
])("%s is refused by the name it asks for, in one line", async (name, message) => {
  await expect(openTorchFile(golden(name))).rejects.toThrow(message);
  await expect(openTorchFile(golden(name))).rejects.toMatchObject({
    message: expect.not.stringContaining("\n"),
    hint: expect.stringContaining("state_dict"),
  });
});

test.each([
  ["nothing", ""],
  ["text", "hello there"],
  ["a zip archive of something else", `PK\x05\x06${"\0".repeat(18)}`],
  ["a plain pickle", "\x80\x02K\x01."],
])("%s is not a file of torch.save", async (_, text) => {
  const path = join(temporaryFolder(), "x.pt");
  writeFileSync(path, text, "latin1");
  await expect(openTorchFile(path)).rejects.toMatchObject({ code: "format/invalid" });
});

test("a file cut short is refused when it is opened", async () => {
  const path = join(temporaryFolder(), "x.pt");
  for (const name of ["state.pt", "state-legacy.pt"]) {
    writeFileSync(path, readFileSync(golden(name)).subarray(0, -60));
    await expect(openTorchFile(path)).rejects.toMatchObject({ code: "format/invalid" });
  }
});
