import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { float32Tensor } from "../base/tensor.ts";
import { fileKind, KIND_BYTES } from "./file-kind.ts";
import { serializeNpy } from "./npy.ts";
import { serializeSafetensors } from "./safetensors.ts";

const latin1 = (text: string) => Buffer.from(text, "latin1");
const known = (bytes: Uint8Array) => fileKind(bytes.subarray(0, KIND_BYTES), bytes.byteLength);

/** The first entry of a zip: its local header and name, as zip writers lay it out. */
function zipped(name: string): Buffer {
  const header = Buffer.alloc(30);
  header.write("PK\x03\x04", "latin1");
  header.writeUInt16LE(name.length, 26);
  return Buffer.concat([header, latin1(name), Buffer.alloc(100)]);
}

test("arrays are known by their content", () => {
  const t = float32Tensor([2, 2], new Float32Array(4));
  expect(known(serializeNpy(t))?.format).toBe("npy");
  expect(known(serializeSafetensors(new Map([["t", t]])))?.format).toBe("safetensors");
});

test.each([
  ["an .npz", zipped("acts.npy"), /an \.npz, a zip of \.npy arrays/, /numpy\.save/],
  ["torch.save", zipped("model/data.pkl"), /PyTorch file/, /safetensors\.torch/],
  ["another zip", zipped("word/document.xml"), /a zip archive/, /Unpack/],
  ["gzip", gzipSync("x"), /gzip/, /Unpack/],
  ["zstd", latin1("\x28\xb5\x2f\xfd\x04\x00"), /zstd/, /Unpack/],
  ["HDF5", latin1("\x89HDF\r\n\x1a\n\0\0"), /HDF5/, /numpy\.save/],
  ["Parquet", latin1("PAR1\x15\x04\x15"), /Parquet/, /numpy\.save/],
  ["PNG", latin1("\x89PNG\r\n\x1a\n\0\0"), /PNG/, /check the path/],
  ["pickle of protocol 4", latin1("\x80\x04\x95\x12\0\0\0\0\0\0\0\x8c\x05"), /pickle/, /never run/],
  ["pickle of protocol 2", latin1("\x80\x02cnumpy.core.multiarray\n"), /pickle/, /never run/],
  ["pickle of protocol 0", latin1("cnumpy.core.multiarray\n_recon\np0\n"), /pickle/, /never run/],
  ["PyTorch before 1.6", latin1("\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19."), /pickle/, /never/],
  ["EDF", latin1(`0       ${" ".repeat(248)}`), /EDF/, /kind eeg/],
  [
    "git-lfs",
    Buffer.from("version https://git-lfs.github.com/spec/v1\n"),
    /git-lfs/,
    /git lfs pull/,
  ],
  ["an error page", Buffer.from("<!DOCTYPE html><html>"), /web page/, /Download/],
  ["CSV", Buffer.from("0.5,1.5\n-2e-3,4\n"), /text/, /loadtxt/],
  ["JSON", Buffer.from('{"acts": [1, "µ"]}'), /text/, /numpy\.save/],
  ["tar", latin1(`a.npy${"\0".repeat(252)}ustar\x0000`), /tar/, /Unpack/],
])("%s is named, with what to do", (_, bytes, name, hint) => {
  const kind = known(bytes);
  expect(kind?.format).toBe("other");
  expect(kind?.name).toMatch(name);
  expect(kind?.hint).toMatch(hint);
});

test("floats and zeros are taken for raw numbers", () => {
  const floats = Float32Array.from({ length: 4096 }, (_, i) => Math.sin(i * i));
  for (const data of [floats, Float64Array.from(floats), new Float32Array(100)])
    expect(known(new Uint8Array(data.buffer))).toBeUndefined();
});
