import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { openSpool } from "./spool.ts";

async function joined(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}

test("a spool gives back what was appended, over its own buffer's size, and leaves nothing behind", async () => {
  const folder = temporaryFolder();
  const spool = await openSpool(join(folder, "codes"));
  const numbers = Float32Array.from({ length: 600_000 }, (_, i) => i);
  await spool.append(numbers.subarray(0, 7));
  await spool.append(numbers.subarray(7));
  await spool.append(new Float32Array(0));
  expect(spool.byteLength).toBe(2_400_000);
  const bytes = await joined(spool.pieces());
  expect(bytes.equals(Buffer.from(numbers.buffer))).toBe(true);
  await spool.close();
  expect(readdirSync(folder)).toEqual([]);
});

test("a spool beside a file of a folder that is not there says so", async () => {
  await expect(openSpool(join(temporaryFolder(), "no", "codes"))).rejects.toThrow(/Cannot write/);
});
