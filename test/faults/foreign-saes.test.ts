/**
 * SAE files of other programs that are damaged, lie, or hold a program: refused in one line that
 * names the file, with what to do.
 */
import { cpSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { referenceBackend } from "../../src/backend/reference/reference-backend.ts";
import { float32Tensor, type Tensor, tensor } from "../../src/base/tensor.ts";
import { ConcordError } from "../../src/errors.ts";
import { readNpz, writeNpz } from "../../src/formats/npz.ts";
import { readSafetensors, writeSafetensors } from "../../src/formats/safetensors-file.ts";
import { openTorchFile } from "../../src/formats/torch/torch-file.ts";
import { type TorchValue, writeTorchFile } from "../../src/formats/torch/write-torch.ts";
import { readSae } from "../../src/interchange/formats.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const GOLDEN = resolve(import.meta.dirname, "../golden");

type Tensors = Map<string, Tensor>;

async function readTorch(path: string): Promise<Map<string, TorchValue>> {
  const file = await openTorchFile(path);
  const found = new Map<string, TorchValue>();
  for (const name of file.names) found.set(name, await file.read(name));
  await file.close();
  return found;
}

/** A folder of each format, its file of weights, and the name of a matrix and a vector in it. */
const FORMATS = [
  ["saelens/theirs/topk", "sae_weights.safetensors", "W_enc", "b_enc"],
  ["interchange/sparsify/topk", "sae.safetensors", "encoder.weight", "encoder.bias"],
  ["interchange/gemma_scope_2/second", "params.safetensors", "w_enc", "b_enc"],
  ["interchange/gemma_scope/first", "params.npz", "W_enc", "b_enc"],
  ["interchange/dictionary_learning/AutoEncoder", "ae.pt", "encoder.weight", "encoder.bias"],
  ["interchange/openai/ReLU", "4.pt", "encoder.weight", "latent_bias"],
] as const;

async function change(path: string, edit: (tensors: Tensors) => void): Promise<void> {
  const isTorch = path.endsWith(".pt");
  const found = isTorch
    ? await readTorch(path)
    : path.endsWith(".npz")
      ? await readNpz(path)
      : new Map((await readSafetensors(path)).tensors);
  edit(found as Tensors);
  if (isTorch) await writeTorchFile(path, found);
  else if (path.endsWith(".npz")) await writeNpz(path, found as Tensors);
  else await writeSafetensors(path, found as Tensors);
}

/** What reading the damaged copy is refused with. */
async function refusal(folder: string, damage: (path: string) => unknown, file: string) {
  const copy = join(temporaryFolder(), "sae");
  cpSync(join(GOLDEN, folder), copy, { recursive: true });
  await damage(join(copy, file));
  const error = await readSae(referenceBackend(), copy).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(ConcordError);
  const { message, hint, code } = error as ConcordError;
  expect(`${message} ${hint}`).not.toContain("\n");
  expect(message).toContain(file);
  expect(code).toMatch(/^(format|shape)\//);
  return { message, hint };
}

describe.each(FORMATS)("%s", (folder, file, matrix, vector) => {
  const edited = (edit: (tensors: Tensors) => void) =>
    refusal(folder, (path) => change(path, edit), file);

  test("cut short anywhere", async () => {
    const { byteLength } = readFileSync(join(GOLDEN, folder, file));
    for (const bytes of [0, 3, Math.floor(byteLength / 2), byteLength - 1]) {
      const cut = await refusal(folder, (path) => truncateSync(path, bytes), file);
      expect(cut.hint).toMatch(/[Cc]opy|download|[Ss]ave/);
    }
  });

  test("of something else", async () => {
    const text = await refusal(folder, (path) => writeFileSync(path, "<html>login</html>"), file);
    expect(text.hint).toMatch(/[Cc]opy|download|[Ss]ave/);
  });

  test("with a number that is not finite", async () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const found = await edited((tensors) => {
        tensors.get(matrix)!.data[1] = value;
      });
      expect(found.message).toMatch(new RegExp(`${matrix}|W_enc`));
      expect(found.message).toMatch(/holds a number that is not finite\.$/);
      expect(found.hint).toMatch(/earlier checkpoint/);
    }
  });

  test("with weights of another shape", async () => {
    const found = await edited((tensors) => {
      tensors.set(vector, float32Tensor([3], new Float32Array(3)));
    });
    expect(found.message).toMatch(new RegExp(`${vector}. Expected \\[10\\] but received \\[3\\]`));
    expect(found.hint).toMatch(/another SAE/);
  });

  test("with integers for weights", async () => {
    const found = await edited((tensors) => {
      tensors.set(vector, tensor("int8", [10], new Int8Array(10)));
    });
    expect(found.message).toMatch(/is of int8 where weights are floating-point numbers\.$/);
    expect(found.hint).toMatch(/as float32/);
  });

  test("without a tensor, and with one too many", async () => {
    const without = await edited((tensors) => tensors.delete(vector));
    expect(without.message).toContain(`has no tensor ${vector}`);
    const more = await edited((tensors) => {
      tensors.set("W_skip", float32Tensor([1], new Float32Array(1)));
    });
    expect(more.message).toMatch(/W_skip/);
    for (const { hint } of [without, more]) expect(hint).toMatch(/another SAE/);
  });
});

test.each(readdirSync(join(GOLDEN, "torch")).filter((name) => name.endsWith("-refused.pt")))(
  "%s in place of weights is not run",
  async (name) => {
    for (const [folder, file] of FORMATS.slice(-2)) {
      const put = (path: string) => cpSync(join(GOLDEN, "torch", name), path);
      const found = await refusal(folder, put, file);
      expect(found.message).toMatch(/it asks for .*, which is not run/);
      expect(found.hint).toMatch(/state_dict/);
    }
  },
);

test("a changed byte of an .npz is noticed by its checksum", async () => {
  const flip = (path: string) => {
    const bytes = readFileSync(path);
    bytes[bytes.indexOf("W_dec.npy") + 200]! ^= 1;
    writeFileSync(path, bytes);
  };
  const found = await refusal("interchange/gemma_scope/first", flip, "params.npz");
  expect(found.message).toMatch(/W_dec\.npy does not have the checksum that it should/);
});

describe("a file of OpenAI that says what is not known", () => {
  const file = "4.pt";
  const saying = (name: string, value: TorchValue) => async (path: string) => {
    const content = await readTorch(path);
    content.set(name, value);
    await writeTorchFile(path, content);
  };
  test.each<[string, TorchValue, RegExp]>([
    ["activation", "JumpReLU", /activation "JumpReLU" is not supported \(ReLU and TopK are\)/],
    ["activation", "TopK", /expected 1 to 10 for activation_state_dict\.k but found nothing/],
    ["normalize", "yes", /normalize "yes" is not supported/],
    ["tied", true, /its decoder is not its encoder, which it is tied to\.$/],
    ["gain", 2, /has values that are not known, .*: gain\.$/],
  ])("%s %s", async (name, value, message) => {
    expect((await refusal("interchange/openai/ReLU", saying(name, value), file)).message).toMatch(
      message,
    );
  });

  test("twice, and differently", async () => {
    const state = new Map<string, TorchValue>([["k", 3]]);
    const again = new Map<string, TorchValue>([["k", 4]]);
    const damage = async (path: string) => {
      const content = new Map(await readTorch(path));
      content.set("activation", "TopK").set("activation_state_dict", state);
      for (const [key, value] of again) content.set(`activation.${key}`, value);
      await writeTorchFile(path, content);
    };
    expect((await refusal("interchange/openai/ReLU", damage, file)).message).toMatch(
      /activation_state_dict\.k 3 and activation\.k 4 disagree/,
    );
  });
});
