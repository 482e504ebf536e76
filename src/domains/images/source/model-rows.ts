/** @file Rows that a model of pictures computes: any tensor of an ONNX file. */

import { basename } from "node:path";
import { showShape } from "../../../base/tensor.ts";
import { ConcordError } from "../../../errors.ts";
import type { ModelProto, ValueInfoProto } from "../../../formats/onnx/messages.ts";
import { prefixUpTo, tensorNames } from "../../../formats/onnx/surgery.ts";
import { declaredShape } from "../../../formats/onnx/tensors.ts";
import { showName, showNames } from "../../../formats/show-name.ts";
import { readModelFile } from "../../../inference/model-file.ts";
import { type GraphSession, openSession } from "../../../inference/session.ts";
import { type PictureSize, pictureBytes } from "../pictures/picture-set.ts";
import type { ImagesConfig } from "../schema.ts";
import { channelsFirst } from "./channels-first.ts";
import { pixelScaler } from "./prepared-pixels.ts";
import type { RowMaker } from "./row-maker.ts";
import { layoutOfTensor, rowsOfTensor } from "./tensor-rows.ts";

/** Where the model is, and what it may take of the machine. */
export interface ModelPlace {
  readonly path: string;
  readonly threads: number;
}

type ModelConfig = Pick<
  ImagesConfig,
  "tensor" | "input" | "tensorLayout" | "rows" | "mean" | "std" | "channelOrder"
>;

/** The tensors of a model, the wanted one among them. */
function requireTensor(model: ModelProto, tensor: string, path: string): void {
  const names = tensorNames(model);
  if (names.includes(tensor)) return;
  throw new ConcordError("hook/missing", `${basename(path)} has no tensor "${showName(tensor)}".`, {
    hint: `Its tensors: ${showNames(names)}.`,
  });
}

/** The one input that takes pictures: float32 of four axes. */
function pictureInput(model: ModelProto, path: string): ValueInfoProto {
  const weights = new Set(model.graph.initializer.map(({ name }) => name));
  const inputs = model.graph.input.filter(({ name }) => !weights.has(name));
  const fits = inputs.filter(
    (value) => value.type?.tensorType?.elemType === 1 && (declaredShape(value)?.length ?? 4) === 4,
  );
  if (fits.length === 1) return fits[0]!;
  throw new ConcordError(
    "model/unsupported",
    `${basename(path)} has ${fits.length} inputs that take pictures (float32 of four axes), not one.`,
    { hint: `Its inputs: ${showNames(inputs.map(({ name }) => name))}.` },
  );
}

/** Whether the input's channels come first, and how many pictures it insists on at a time. */
function inputLayout(
  value: ValueInfoProto,
  size: PictureSize,
  asked: ModelConfig["input"],
  path: string,
): { readonly isFirst: boolean; readonly batch: number | undefined } {
  const shape = declaredShape(value) ?? [];
  const fixed = shape.map((extent) =>
    typeof extent === "number" && extent > 0 ? extent : undefined,
  );
  const isFirst =
    asked === undefined
      ? !(fixed[3] === 1 || fixed[3] === 3) || fixed[1] === 1 || fixed[1] === 3
      : asked === "channels_first";
  const [height, width, channels] = size;
  const wanted = isFirst ? [channels, height, width] : [height, width, channels];
  const demanded = [fixed[1], fixed[2], fixed[3]];
  if (demanded.some((extent, i) => extent !== undefined && extent !== wanted[i]))
    throw new ConcordError(
      "shape/mismatch",
      `${basename(path)} takes pictures [${demanded.map((extent) => extent ?? "any").join(", ")}] at "${showName(value.name)}", but these are [${wanted.join(", ")}] (${isFirst ? "channels, height, width" : "height, width, channels"}).`,
      { hint: "Set source.resize or source.color; source.input says where channels are." },
    );
  return { isFirst, batch: fixed[0] };
}

/** Runs a model on pictures, as many at a time as it insists on. */
class Model {
  readonly #session: GraphSession;
  readonly #input: string;
  readonly #tensor: string;
  readonly #dims: readonly number[];
  readonly #batch: number | undefined;

  constructor(
    session: GraphSession,
    names: { readonly input: string; readonly tensor: string },
    dims: readonly number[],
    batch: number | undefined,
  ) {
    this.#session = session;
    this.#input = names.input;
    this.#tensor = names.tensor;
    this.#dims = dims;
    this.#batch = batch;
  }

  /** The tensor for some pictures, prepared: its values, and its extents without the first. */
  async run(data: Float32Array) {
    const each = this.#dims.reduce((a, b) => a * b, 1);
    const count = data.length / each;
    const batch = this.#batch ?? count;
    const parts: Float32Array[] = [];
    let dims: readonly number[] = [];
    for (let first = 0; first < count; first += batch) {
      const fed = new Float32Array(batch * each);
      // What fills up a batch of fixed size is zeros, and its rows are dropped.
      fed.set(data.subarray(first * each, Math.min(count, first + batch) * each));
      const feed = { type: "float32", data: fed, dims: [batch, ...this.#dims] } as const;
      const [found] = await this.#session.run({ [this.#input]: feed }, [this.#tensor]);
      dims = found!.dims;
      if (dims[0] !== batch)
        throw new ConcordError(
          "hook/missing",
          `"${showName(this.#tensor)}" has shape ${showShape(dims)} for ${batch} pictures; its first axis must be that of pictures.`,
        );
      const kept = Math.min(batch, count - first);
      parts.push(found!.data.subarray(0, (kept * found!.data.length) / batch));
    }
    const values = new Float32Array(parts.reduce((total, part) => total + part.length, 0));
    let at = 0;
    for (const part of parts) {
      values.set(part, at);
      at += part.length;
    }
    return { values, dims: dims.slice(1) };
  }

  close(): Promise<void> {
    return this.#session.close();
  }
}

/**
 * Opens a model, and runs it on one picture to see what its tensor is like.
 *
 * @throws {ConcordError} `hook/missing` naming the tensors that there are; `shape/mismatch` for
 *   pictures that the model does not take; of reading the file and of onnxruntime.
 */
export async function openModelRows(
  source: ModelConfig,
  size: PictureSize,
  { path, threads }: ModelPlace,
): Promise<RowMaker> {
  const tensor = source.tensor!;
  const { model, folders } = await readModelFile(path);
  requireTensor(model, tensor, path);
  const input = pictureInput(model, path);
  const { isFirst, batch } = inputLayout(input, size, source.input, path);
  const scaled = pixelScaler(size, source);
  const prepared = (pixels: Uint8Array) =>
    isFirst ? channelsFirst(scaled(pixels), size) : scaled(pixels);
  const [height, width, channels] = size;
  const dims = isFirst ? [channels, height, width] : [height, width, channels];
  const known = "one input of pictures";
  const session = await openSession(prefixUpTo(model, [tensor]), folders, known, { threads });
  const machine = new Model(session, { input: input.name, tensor }, dims, batch);
  try {
    const probe = await machine.run(prepared(new Uint8Array(pictureBytes(size))));
    const layout = layoutOfTensor(probe.dims, source.tensorLayout, tensor);
    const positions = source.rows === "positions" ? layout.positions : 1;
    return {
      dIn: layout.width,
      positions,
      grid: positions === 1 ? undefined : layout.grid,
      // The weights, which onnxruntime copies, and the tensor itself.
      memoryBytes: 2 * weightBytes(model) + 4 * 64 * layout.width * layout.positions,
      rows: async (pixels) =>
        rowsOfTensor((await machine.run(prepared(pixels))).values, layout, source.rows),
      close: () => machine.close(),
    };
  } catch (error) {
    await machine.close();
    throw error;
  }
}

function weightBytes(model: ModelProto): number {
  return model.graph.initializer.reduce(
    (total, { rawData, floatData }) =>
      total + (rawData?.byteLength ?? 4 * (floatData?.length ?? 0)),
    0,
  );
}
