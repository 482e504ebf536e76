/** @file Reference forward pass: every step on the whole of its buffers, sums in float64. */

import {
  ACTIVATION,
  FORWARD_ACTIVATION,
  type Forward,
  type ForwardActivation,
  type ForwardStep,
  type PackLinear,
} from "../backend.ts";
import { activate } from "./activation.ts";

export function linearPacking(shape: { inputs: number; outputs: number }): number {
  return 4 * shape.inputs * shape.outputs;
}

const floatsOf = (packed: Uint8Array, length: number) =>
  new Float32Array(packed.buffer, packed.byteOffset, length);

export function packLinear(args: PackLinear): void {
  const { weight, inputs, outputs, transposed } = args;
  const packed = floatsOf(args.packed, inputs * outputs);
  for (let i = 0; i < inputs; i++)
    for (let j = 0; j < outputs; j++)
      packed[i * outputs + j] = weight[transposed ? j * inputs + i : i * outputs + j]!;
}

/** Those that `activate` knows too. */
const KINDS = {
  [FORWARD_ACTIVATION.relu]: ACTIVATION.relu,
  [FORWARD_ACTIVATION.gelu]: ACTIVATION.gelu,
  [FORWARD_ACTIVATION.silu]: ACTIVATION.silu,
} as const;

/** Rows of one window. */
interface Rows {
  readonly width: number;
  readonly data: Float32Array;
}

interface Window {
  readonly tokens: Int32Array;
  readonly length: number;
  readonly buffers: readonly Rows[];
}

type Step<Kind extends ForwardStep["kind"]> = Extract<ForwardStep, { kind: Kind }>;

function norm(step: Step<"norm">, a: Rows, out: Rows, length: number): void {
  const size = a.width / step.heads;
  for (let start = 0; start < length * a.width; start += size) {
    const x = Float64Array.from(a.data.subarray(start, start + size));
    const mean = step.norm === "rms" ? 0 : x.reduce((sum, v) => sum + v, 0) / size;
    const spread = x.reduce((sum, v) => sum + (v - mean) ** 2, 0) / size;
    for (let j = 0; j < size; j++) {
      const quotient = (x[j]! - mean) / Math.sqrt(spread + step.eps);
      out.data[start + j] = quotient * (step.gain?.[j] ?? 1) + (step.bias?.[j] ?? 0);
    }
  }
}

function linear(step: Step<"linear">, a: Rows, out: Rows, length: number): void {
  const weight = floatsOf(step.packed, a.width * out.width);
  for (let r = 0; r < length; r++)
    for (let j = 0; j < out.width; j++) {
      let sum = step.bias?.[j] ?? 0;
      for (let i = 0; i < a.width; i++)
        sum += a.data[r * a.width + i]! * weight[i * out.width + j]!;
      out.data[r * out.width + j] = sum;
    }
}

function applied(activation: ForwardActivation, x: Float32Array): Float32Array {
  if (activation === FORWARD_ACTIVATION.geluTanh)
    return x.map(
      (v) => 0.5 * v * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3))),
    );
  const out = new Float32Array(x.length);
  activate({ kind: KINDS[activation], x, out, n: x.length });
  return out;
}

/** One head of one row, turned by the angles of its position. */
function turned({ rotary, cosines, sines }: Step<"attention">, x: Float32Array, at: number) {
  const out = Float64Array.from(x);
  for (let i = 0; i < rotary; i++) {
    const [cos, sin] = [cosines![at * rotary + i]!, sines![at * rotary + i]!];
    out[i] = x[i]! * cos - x[i + rotary]! * sin;
    out[i + rotary] = x[i + rotary]! * cos + x[i]! * sin;
  }
  return out;
}

function attention(step: Step<"attention">, { buffers, length }: Window): void {
  const { heads, keyHeads, scale, cap, window } = step;
  const [q, k, v, out] = [step.q, step.k, step.v, step.out].map((b) => buffers[b]!);
  const d = q!.width / heads;
  const headOf = (rows: Rows, row: number, head: number) =>
    rows.data.subarray(row * rows.width + head * d, row * rows.width + (head + 1) * d);
  for (let head = 0; head < heads; head++) {
    const shared = Math.floor((head * keyHeads) / heads);
    const keys = Array.from({ length }, (_, j) => turned(step, headOf(k!, j, shared), j));
    for (let i = 0; i < length; i++) {
      const query = turned(step, headOf(q!, i, head), i);
      const from = window === 0 ? 0 : Math.max(0, i - window + 1);
      const scores = keys.slice(from, i + 1).map((key) => {
        const score = scale * key.reduce((sum, x, e) => sum + x * query[e]!, 0);
        return cap === 0 ? score : cap * Math.tanh(score / cap);
      });
      const most = Math.max(...scores);
      const weights = scores.map((score) => Math.exp(score - most));
      const sum = weights.reduce((total, w) => total + w, 0);
      const z = headOf(out!, i, head);
      for (let e = 0; e < d; e++)
        z[e] =
          weights.reduce((total, w, j) => total + w * headOf(v!, from + j, shared)[e]!, 0) / sum;
    }
  }
}

function run(step: ForwardStep, window: Window): void {
  const { tokens, length, buffers } = window;
  const out = buffers[step.out]!;
  const { data, width } = out;
  const n = length * width;
  switch (step.kind) {
    case "embed":
      for (let i = 0; i < n; i++)
        data[i] = step.scale * step.table[tokens[Math.floor(i / width)]! * width + (i % width)]!;
      return;
    case "place":
      data.set(step.table.subarray(0, n));
      return;
    case "norm":
      norm(step, buffers[step.a]!, out, length);
      return;
    case "linear":
      linear(step, buffers[step.a]!, out, length);
      return;
    case "activate":
      data.set(applied(step.activation, buffers[step.a]!.data.subarray(0, n)));
      return;
    case "add":
    case "multiply": {
      const [a, b] = [buffers[step.a]!.data, buffers[step.b]!.data];
      for (let i = 0; i < n; i++) data[i] = step.kind === "add" ? a[i]! + b[i]! : a[i]! * b[i]!;
      return;
    }
    case "columns": {
      const { heads, stride, first } = step;
      const a = buffers[step.a]!;
      const size = width / heads;
      for (let r = 0; r < length; r++)
        for (let h = 0; h < heads; h++)
          for (let j = 0; j < size; j++)
            data[r * width + h * size + j] = a.data[r * a.width + h * stride + first + j]!;
      return;
    }
    case "attention":
      attention(step, window);
  }
}

export function forward({ steps, buffers, tokens, lengths, windows, positions }: Forward): void {
  const scratch = buffers.map(({ width, output }) =>
    output ? undefined : new Float32Array(positions * width),
  );
  for (let w = 0; w < windows; w++) {
    const window = {
      tokens: tokens.subarray(w * positions, (w + 1) * positions),
      length: lengths[w]!,
      buffers: buffers.map(({ width, output }, b) => {
        const start = w * positions * width;
        const data = output?.subarray(start, start + positions * width) ?? scratch[b]!;
        return { width, data };
      }),
    };
    for (const step of steps) run(step, window);
  }
}
