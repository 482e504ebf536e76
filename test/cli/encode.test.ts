import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { referenceBackend } from "../../src/backend/reference/reference-backend.ts";
import { float32Tensor } from "../../src/base/tensor.ts";
import { openNpy, writeNpy } from "../../src/formats/npy.ts";
import { readSafetensors, writeSafetensors } from "../../src/formats/safetensors-file.ts";
import { saveSae } from "../../src/interchange/saelens.ts";
import { openSaeRunner, type Sae } from "../../src/sae/sae.ts";
import { openShardWriter } from "../../src/sources/shards/shard-writer.ts";
import { announceSkip } from "../support/announce-skip.ts";
import { concord, filesBelow } from "../support/cli.ts";
import { withReadOnly } from "../support/mount.ts";
import { normals } from "../support/random.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const [ROWS, D_IN, D_SAE] = [37, 6, 20];

function sae(selection: Sae["selection"], architecture: string): Sae {
  return {
    selection,
    architecture,
    dIn: D_IN,
    dSae: D_SAE,
    encoder: normals("encoder", D_SAE * D_IN),
    decoder: normals("decoder", D_SAE * D_IN),
    encoderBias: normals("b_enc", D_SAE, 0.3),
    decoderBias: normals("b_dec", D_IN, 0.3),
  };
}

/** A folder with an SAE and an array. */
async function workplace(one: Sae): Promise<{ folder: string; x: Float32Array }> {
  const folder = temporaryFolder();
  const x = normals("x", ROWS * D_IN);
  await saveSae(join(folder, "sae"), one);
  await writeNpy(join(folder, "x.npy"), float32Tensor([ROWS, D_IN], x));
  return { folder, x };
}

const TOPK = sae({ kind: "topk", k: 3, relu: true }, "topk");
const RELU = sae({ kind: "relu" }, "relu");

test.each([
  ["topk", TOPK],
  ["relu", RELU],
])("codes and reconstructions of %s are those of the SAE, whatever the batch", async (_, one) => {
  const { folder, x } = await workplace(one);
  const command = ["encode", "--sae", "sae", "--input", "x.npy", "--json"];
  const [whole, parts] = await Promise.all([
    concord([...command, "--out", "whole.safetensors"], folder),
    concord(
      [...command, "--out", "c.safetensors", "--reconstructions", "y.npy", "--batch", "5"],
      folder,
    ),
  ]);
  expect(whole.code).toBe(0);
  const facts = JSON.parse(parts.stdout);
  const bytes = (name: string) => readFileSync(join(folder, name));
  expect(bytes("c.safetensors").equals(bytes("whole.safetensors"))).toBe(true);

  const { tensors, metadata } = await readSafetensors(join(folder, "c.safetensors"));
  const indptr = tensors.get("indptr")!.data as BigInt64Array;
  const indices = tensors.get("indices")!.data as Int32Array;
  const values = tensors.get("values")!.data as Float32Array;
  expect(metadata).toMatchObject({ layout: "csr", rows: "37", d_sae: "20", d_in: "6" });
  expect(tensors.get("indptr")!.shape).toEqual([ROWS + 1]);

  const runner = await openSaeRunner(referenceBackend(), one, ROWS);
  const code = await runner.encode(x, ROWS);
  let error = 0;
  const { rowLoss } = await runner.residual(x, code);
  for (const loss of rowLoss) error += loss;
  const dense = (at: {
    indptr: ArrayLike<number | bigint>;
    indices: Int32Array;
    values: Float32Array;
  }) => {
    const out = new Float32Array(ROWS * D_SAE);
    for (let b = 0; b < ROWS; b++)
      for (let e = Number(at.indptr[b]); e < Number(at.indptr[b + 1]); e++)
        out[b * D_SAE + at.indices[e]!] = at.values[e]!;
    return out;
  };
  const [received, expected] = [dense({ indptr, indices, values }), dense(code)];
  for (let i = 0; i < received.length; i++) expect(received[i]).toBeCloseTo(expected[i]!, 5);
  expect(values.includes(0)).toBe(false);
  expect(facts).toMatchObject({ rows: ROWS, d_in: D_IN, d_sae: D_SAE, nnz: values.length });
  expect(facts.l0).toBeCloseTo(values.length / ROWS, 12);
  expect(facts.mse).toBeCloseTo(error / ROWS / D_IN, 5);

  const file = await openNpy(join(folder, "y.npy"));
  expect(file.shape).toEqual([ROWS, D_IN]);
  const y = (await file.read()).data as Float32Array;
  await file.close();
  let squares = 0;
  for (let i = 0; i < y.length; i++) squares += (y[i]! - x[i]!) ** 2;
  expect(squares).toBeCloseTo(error, 3);
});

test("a store, a list of files and a pattern give the codes of the same rows in one array", async () => {
  const { folder, x } = await workplace(TOPK);
  const at = (name: string) => join(folder, name);
  mkdirSync(at("parts"));
  const [first, second] = [x.subarray(0, 10 * D_IN), x.subarray(10 * D_IN)];
  await writeNpy(at("parts/a-0.npy"), float32Tensor([10, D_IN], first));
  const acts = float32Tensor([ROWS - 10, D_IN], second);
  await writeSafetensors(at("parts/a-1.safetensors"), new Map([["acts", acts]]));
  const writer = await openShardWriter({
    folder: at("store"),
    dIn: D_IN,
    dtype: "float32",
    provenance: { kind: "test" },
    blockBytes: 7 * 4 * D_IN,
  });
  await writer.append(x);
  await writer.finish();
  const encode = (out: string, ...input: string[]) =>
    concord(["encode", "--sae", "sae", "--out", out, "--input", ...input], folder);
  const ended = await Promise.all([
    encode("whole.safetensors", "x.npy"),
    encode("store.safetensors", "store"),
    encode("list.safetensors", "parts/a-0.npy", "parts/a-1.safetensors"),
    encode("pattern.safetensors", "parts/*"),
  ]);
  for (const { code, stderr } of ended) expect(code, stderr).toBe(0);
  const codes = async (name: string) => (await readSafetensors(at(name))).tensors;
  const whole = await codes("whole.safetensors");
  for (const name of ["store", "list", "pattern"])
    expect(await codes(`${name}.safetensors`)).toEqual(whole);
});

test("what has no rows is refused, and so is what is not a file", async () => {
  const { folder } = await workplace(TOPK);
  const at = (name: string) => join(folder, name);
  await writeNpy(at("none.npy"), float32Tensor([0, D_IN], new Float32Array(0)));
  await writeNpy(at("flat.npy"), float32Tensor([D_IN], new Float32Array(D_IN)));
  writeFileSync(at("empty.bin"), "");
  mkdirSync(at("folder"));
  spawnSync("mkfifo", [at("pipe")]);
  const raw = ["--dtype", "float32", "--d-in", String(D_IN)];
  const encode = (input: string, more: string[]) =>
    concord(
      ["encode", "--sae", "sae", "--input", input, ...more, "--out", "c.safetensors"],
      folder,
    );
  const cases: [string, string[], number, RegExp][] = [
    ["none.npy", [], 2, /none\.npy holds 0 rows of d_in 6/],
    ["flat.npy", [], 2, /flat\.npy has shape \[6\]; activations need at least two axes/],
    ["empty.bin", raw, 1, /empty\.bin: the file is empty/],
    ["folder", [], 2, /folder is a folder, not an array\.\n {2}hint: .*folder\/\*\.npy/],
    ["/dev/zero", raw, 1, /Cannot read \/dev\/zero: it is a device, not a file/],
    ["pipe", raw, 1, /Cannot read pipe: it is a pipe, not a file/],
    ["nothing/*.npy", [], 2, /No file matches nothing\/\*\.npy/],
  ];
  const all = await Promise.all(cases.map(([input, more]) => encode(input, more)));
  for (const [i, [, , code, line]] of cases.entries()) {
    expect(all[i]!.stderr).toMatch(line);
    expect(all[i]).toMatchObject({ code, stdout: "" });
  }
});

test("into a read-only folder is one line, and the codes that were there stay", async ({
  skip,
}) => {
  const { folder } = await workplace(TOPK);
  const kept = join(folder, "kept");
  mkdirSync(kept);
  const command = ["encode", "--sae", "sae", "--input", "x.npy"];
  const before = ["--out", "kept/c.safetensors", "--reconstructions", "kept/y.npy"];
  expect((await concord([...command, ...before], folder)).code).toBe(0);
  // Rows of another number, so that whatever is written anew differs.
  await writeNpy(join(folder, "x.npy"), float32Tensor([1, D_IN], normals("other", D_IN)));
  const files = filesBelow(kept);
  const refused = await withReadOnly(kept, async () => {
    const codes = await concord([...command, ...before], folder);
    const line = /^error: Cannot \w+ kept\/c\.safetensors\S*: .+\.\n {2}hint: .+\n$/;
    expect(codes).toEqual({ code: 1, stdout: "", stderr: expect.stringMatching(line) });
    const apart = ["--out", "c.safetensors", "--reconstructions", "kept/y.npy"];
    const reconstructions = await concord([...command, ...apart], folder);
    expect(reconstructions).toEqual({
      code: 1,
      stdout: "",
      stderr: expect.stringMatching(/^error: Cannot \w+ kept\/y\.npy\S*: .+\.\n {2}hint: .+\n$/),
    });
    expect(filesBelow(kept)).toEqual(files);
    expect(readdirSync(folder).sort()).toEqual(["kept", "sae", "x.npy"]);
  });
  if (announceSkip("encode into a read-only folder", refused)) skip();
});

test("an array of another width, a row that is not finite, and a wrong name are each one clear line", async () => {
  const { folder } = await workplace(TOPK);
  const wide = float32Tensor([2, 9], new Float32Array(18));
  await writeNpy(join(folder, "wide.npy"), wide);
  const holed = normals("x", ROWS * D_IN);
  holed[20 * D_IN + 2] = Number.NaN;
  await writeNpy(join(folder, "holed.npy"), float32Tensor([ROWS, D_IN], holed));
  const encode = (input: string, out: string) =>
    concord(["encode", "--sae", "sae", "--input", input, "--out", out, "--batch", "7"], folder);
  const [width, nan, name] = await Promise.all([
    encode("wide.npy", "c.safetensors"),
    encode("holed.npy", "d.safetensors"),
    encode("x.npy", "c.npz"),
  ]);
  expect(width).toEqual({
    code: 2,
    stdout: "",
    stderr:
      "error: sae encodes rows of d_in 6, but those of wide.npy have 9.\n  hint: Give activations from the hook that the SAE was trained on.\n",
  });
  expect(nan.code).toBe(1);
  expect(nan.stderr).toContain(
    "error: holed.npy: row 20, column 2 is NaN; the only such row of 37 (counted from 0).\n",
  );
  expect(name.code).toBe(2);
  expect(name.stderr).toBe(
    "error: Expected a file that ends in .safetensors for out but received c.npz (string).\n",
  );
  for (const file of ["c.safetensors", "d.safetensors"])
    expect(existsSync(join(folder, file))).toBe(false);
});

const FIELD = join(import.meta.dirname, "../../../shared/data/field");

test.each([
  ["saelens-legacy-topk", 4, 0.8034],
  ["saelens-no-architecture", 32.28, 2.816],
])("%s of the field is what its numbers say", async (name, l0, mse) => {
  const absent = existsSync(FIELD) ? undefined : `there is no ${FIELD}`;
  if (announceSkip(name, absent)) return;
  const folder = temporaryFolder();
  const command = ["encode", "--sae", join(FIELD, name), "--input", join(FIELD, "sae-rows.npy")];
  const outputs = ["--out", "c.safetensors", "--reconstructions", "y.npy", "--json"];
  const { code, stdout } = await concord([...command, ...outputs], folder);
  expect(code).toBe(0);
  const facts = JSON.parse(stdout);
  expect(facts.l0).toBeCloseTo(l0, 2);
  expect(facts.mse).toBeCloseTo(mse, 3);
  if (name !== "saelens-legacy-topk") return;
  const { tensors } = await readSafetensors(join(folder, "c.safetensors"));
  const row = Array.from(tensors.get("indices")!.data.slice(0, 4), Number);
  const values = Array.from(tensors.get("values")!.data.slice(0, 4), Number);
  expect(row).toEqual([15, 30, 42, 57]);
  for (const [i, v] of [1.0447, 1.2824, 0.8907, 1.0245].entries())
    expect(values[i]).toBeCloseTo(v, 4);
});
