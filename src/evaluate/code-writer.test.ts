import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { readSafetensors } from "../formats/safetensors-file.ts";
import { openCodeWriter } from "./code-writer.ts";

/** The code of some rows: latents and values of each. */
function code(...rows: readonly (readonly (readonly [latent: number, value: number])[])[]) {
  const all = rows.flat();
  const indptr = new Int32Array(rows.length + 1);
  for (const [b, row] of rows.entries()) indptr[b + 1] = indptr[b]! + row.length;
  return {
    rows: rows.length,
    indptr,
    indices: Int32Array.from(all, ([latent]) => latent),
    values: Float32Array.from(all, ([, value]) => value),
  };
}

async function read(path: string) {
  const { tensors, metadata } = await readSafetensors(path);
  const of = (name: string) => Array.from(tensors.get(name)!.data as Iterable<unknown>, Number);
  return { indptr: of("indptr"), indices: of("indices"), values: of("values"), metadata };
}

describe("codes in a file", () => {
  test("are those of all batches, one after the other, without zeros", async () => {
    const path = join(temporaryFolder(), "codes.safetensors");
    const writer = await openCodeWriter(path);
    await writer.append(
      code(
        [
          [0, 1],
          [3, 2],
        ],
        [],
      ),
    );
    // TopK keeps latents that its ReLU has set to zero.
    await writer.append(
      code([
        [1, 0],
        [2, -0.5],
      ]),
    );
    expect([writer.rows, writer.nnz]).toEqual([3, 3]);
    await writer.finish(4, { sae: "x" });
    await writer.close();
    expect(await read(path)).toEqual({
      indptr: [0, 2, 2, 3],
      indices: [0, 3, 2],
      values: [1, 2, -0.5],
      metadata: { layout: "csr", rows: "3", d_sae: "4", sae: "x" },
    });
    expect(readdirSync(dirname(path))).toEqual(["codes.safetensors"]);
  });

  test("of no rows are a file as well", async () => {
    const path = join(temporaryFolder(), "codes.safetensors");
    const writer = await openCodeWriter(path);
    await writer.finish(4, {});
    await writer.close();
    expect(await read(path)).toMatchObject({ indptr: [0], indices: [], values: [] });
  });

  test("end at the last element of a code, whatever room is behind it", async () => {
    const path = join(temporaryFolder(), "codes.safetensors");
    const writer = await openCodeWriter(path);
    const { rows, indptr } = code([[1, 5]]);
    const [indices, values] = [Int32Array.of(1, 9, 9), Float32Array.of(5, 9, 9)];
    await writer.append({ rows, indptr, indices, values });
    await writer.finish(2, {});
    await writer.close();
    expect(await read(path)).toMatchObject({ indices: [1], values: [5] });
  });

  test("that are not finished leave nothing, and what was there before stays", async () => {
    const path = join(temporaryFolder(), "codes.safetensors");
    writeFileSync(path, "before");
    const writer = await openCodeWriter(path);
    await writer.append(code([[0, 1]]));
    await writer.close();
    expect(readdirSync(dirname(path))).toEqual(["codes.safetensors"]);
    expect(existsSync(path)).toBe(true);
  });

  test("need a folder", async () => {
    const path = join(temporaryFolder(), "no", "codes.safetensors");
    await expect(openCodeWriter(path)).rejects.toMatchObject({ code: "file/missing" });
  });
});
