/**
 * @file Runs an ONNX graph with onnxruntime. Weights kept in external files are mapped by the
 *   runtime itself. It accepts them only from one folder, so files of several folders are read into
 *   memory instead.
 */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { InferenceSession, Tensor } from "onnxruntime-node";
import { fromFloat16 } from "../base/float16.ts";
import { ConcordError, messageOf } from "../errors.ts";
import { encodeModel, type ModelProto } from "../formats/onnx/messages.ts";
import { showName } from "../formats/show-name.ts";
import { loadOnnxRuntime, type OnnxRuntime } from "./onnxruntime.ts";

/** What a model may take of the machine. */
export interface RuntimeOptions {
  /**
   * Threads inside one operator; onnxruntime's own choice (one per physical core) when left out.
   */
  readonly threads?: number;
}

/** Folder of each external file by base name, symbolic links resolved. */
export type FileFolders = ReadonlyMap<string, string>;

/** A value handed to a graph. Never backed by shared memory, which onnxruntime refuses. */
export type Feed =
  | { readonly type: "int32"; readonly data: Int32Array; readonly dims: readonly number[] }
  | { readonly type: "int64"; readonly data: BigInt64Array; readonly dims: readonly number[] }
  | { readonly type: "float32"; readonly data: Float32Array; readonly dims: readonly number[] }
  | { readonly type: "float16"; readonly data: Uint16Array; readonly dims: readonly number[] }
  | { readonly type: "bool"; readonly data: Uint8Array; readonly dims: readonly number[] };

/** One float output. */
export interface FloatOutput {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}

/** Shape and element type of a tensor. */
export interface TensorShape {
  readonly dims: readonly number[];
  readonly type: string;
}

/** An open inference session. */
export interface GraphSession {
  readonly inputs: readonly string[];
  /**
   * Runs the graph and returns float outputs, converted to float32 where the graph computes in half
   * precision.
   */
  run(
    feeds: Readonly<Record<string, Feed>>,
    outputs: readonly string[],
  ): Promise<readonly FloatOutput[]>;
  /** Runs the graph and says what each output looks like. */
  shapes(feeds: Readonly<Record<string, Feed>>): Promise<Map<string, TensorShape>>;
  close(): Promise<void>;
}

function tensorOf({ Tensor }: OnnxRuntime, feed: Feed): Tensor {
  // onnxruntime refuses shared memory; everything else it reads in place.
  const data = feed.data.buffer instanceof SharedArrayBuffer ? feed.data.slice() : feed.data;
  return new Tensor(feed.type, data as never, [...feed.dims]);
}

function asFloat(name: string, tensor: Tensor): FloatOutput {
  const { dims } = tensor;
  const data: unknown = tensor.data;
  if (data instanceof Float32Array) return { data, dims };
  if (tensor.type === "float16" && data instanceof Uint16Array)
    return { data: Float32Array.from(data, fromFloat16), dims };
  if (tensor.type === "float64" || tensor.type === "float16")
    return { data: Float32Array.from(data as Float64Array), dims };
  throw new ConcordError("hook/missing", `"${name}" holds ${tensor.type}, not real numbers.`, {
    hint: "choose a tensor of activations",
  });
}

/**
 * Idle threads sleep instead of spinning. On two idle cores that costs a fifth of the speed
 * (`bench/collect.ts`). On cores that other programs use too it is 2.2 times faster. What
 * alternates with it, such as training, finds them free.
 */
const THREADING = {
  "intra_op.allow_spinning": "0",
  "inter_op.allow_spinning": "0",
};

/** The session's settings, and where the graph's external files are, in onnxruntime's words. */
async function runtimeOptions(model: ModelProto, folders: FileFolders) {
  const locations = new Set<string>();
  for (const tensor of model.graph.initializer)
    if (tensor.dataLocation === 1)
      for (const { key, value } of tensor.externalData ?? [])
        if (key === "location") locations.add(value);
  const used = [...locations].map((file) => ({ file, folder: folders.get(file) ?? "." }));
  const distinct = new Set(used.map(({ folder }) => folder));
  if (distinct.size <= 1) {
    const [folder] = distinct;
    const place =
      folder === undefined ? {} : { model_external_initializers_file_folder_path: folder };
    return { extra: { session: { ...THREADING, ...place } } };
  }
  const externalData = await Promise.all(
    used.map(async ({ file, folder }) => ({
      path: file,
      data: await readFile(join(folder, file)),
    })),
  );
  return { extra: { session: THREADING }, externalData };
}

/**
 * Opens a session.
 *
 * @param folders Where the files named by the graph's external weights are.
 * @param known   Which inputs there are values for, in words.
 * @throws {ConcordError} `backend/failed` with onnxruntime's own reason; `backend/unavailable`
 *   where it is not installed.
 */
export async function openSession(
  model: ModelProto,
  folders: FileFolders,
  known: string,
  options: RuntimeOptions = {},
): Promise<GraphSession> {
  const runtime = await loadOnnxRuntime();
  let session: InferenceSession;
  try {
    session = await runtime.InferenceSession.create(encodeModel(model), {
      logSeverityLevel: 4,
      ...(options.threads === undefined ? {} : { intraOpNumThreads: options.threads }),
      ...(await runtimeOptions(model, folders)),
    });
  } catch (cause) {
    if (cause instanceof ConcordError) throw cause;
    throw new ConcordError(
      "backend/failed",
      `onnxruntime cannot load the model: ${messageOf(cause)}`,
      {
        cause,
      },
    );
  }
  const results = async (feeds: Readonly<Record<string, Feed>>, outputs: readonly string[]) => {
    const used: Record<string, Tensor> = {};
    for (const name of session.inputNames) {
      const feed = Object.hasOwn(feeds, name) ? feeds[name] : undefined;
      if (!feed)
        throw new ConcordError(
          "model/unsupported",
          `No value is known for the model's input "${showName(name)}", on which "${outputs[0]}" depends.`,
          { hint: `Known are ${known}.` },
        );
      used[name] = tensorOf(runtime, feed);
    }
    try {
      return await session.run(used, [...outputs]);
    } catch (cause) {
      throw new ConcordError("backend/failed", `onnxruntime failed: ${messageOf(cause)}`, {
        cause,
      });
    }
  };
  return {
    inputs: session.inputNames,
    run: async (feeds, outputs) => {
      const found = await results(feeds, outputs);
      return outputs.map((output) => asFloat(output, found[output] as Tensor));
    },
    shapes: async (feeds) =>
      new Map(
        Object.entries(await results(feeds, session.outputNames)).map(([name, tensor]) => [
          name,
          { dims: (tensor as Tensor).dims, type: (tensor as Tensor).type },
        ]),
      ),
    close: () => session.release(),
  };
}
