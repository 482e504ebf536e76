/** @file A forward pass with every kind of step, on shapes that are not multiples of anything. */

import {
  type Backend,
  FORWARD_ACTIVATION,
  type Forward,
  type ForwardStep,
  type PackLinear,
} from "../../src/backend/backend.ts";
import { normals } from "./random.ts";

const [WINDOWS, VOCABULARY, HEADS, KEY_HEADS, D_HEAD, HIDDEN] = [3, 11, 4, 2, 18, 37] as const;
const ACTIVATIONS = Object.entries(FORWARD_ACTIVATION);
const WIDTH = HEADS * D_HEAD;

export interface ForwardShape {
  readonly positions: number;
  /** Real tokens of each of three windows. */
  readonly lengths: readonly number[];
  /** Tokens that a query sees; 0: all. */
  readonly window: number;
  readonly cap: number;
}

/** Its arguments, the arrays that it writes, and the weights that are to be packed before. */
export function forwardCall(
  { linearPacking }: Pick<Backend, "linearPacking">,
  { positions, lengths, window, cap }: ForwardShape,
): {
  readonly call: Forward;
  readonly outputs: Record<string, Float32Array>;
  readonly weights: readonly PackLinear[];
} {
  const weights: PackLinear[] = [];
  const pack = (
    name: string,
    [inputs, outputs]: readonly [number, number],
    transposed = false,
    scale = 0.3,
  ) => {
    const weight = normals(name, inputs * outputs, scale);
    const packed = new Uint8Array(linearPacking({ inputs, outputs }));
    weights.push({ weight, transposed, inputs, outputs, packed });
    return packed;
  };
  const outputs: Record<string, Float32Array> = {};
  const output = (name: string, width: number) => {
    outputs[name] = new Float32Array(WINDOWS * positions * width);
    return { width, isBrief: false, output: outputs[name] };
  };
  const whole = (width: number) => ({ width, isBrief: false });
  const brief = (width: number) => ({ width, isBrief: true });
  const keyWidth = KEY_HEADS * D_HEAD;
  const buffers = [
    output("embedded", WIDTH),
    brief(WIDTH),
    brief(3 * WIDTH),
    whole(WIDTH),
    whole(keyWidth),
    output("values", keyWidth),
    output("attended", WIDTH),
    brief(HIDDEN),
    brief(HIDDEN),
    output("out", WIDTH),
    ...ACTIVATIONS.map(([name]) => output(name, HIDDEN)),
  ];
  const [embedded, x, wide, q, k, v, z, gate, up, out] = buffers.keys() as Iterable<number>;
  const angles = normals("angles", positions * 7);
  const attention = { heads: HEADS, keyHeads: KEY_HEADS, scale: 0.3, cap, window, rotary: 7 };
  const steps: ForwardStep[] = [
    { kind: "embed", out: embedded!, table: normals("table", VOCABULARY * WIDTH), scale: 1.5 },
    { kind: "place", out: x!, table: normals("places", positions * WIDTH) },
    { kind: "add", out: x!, a: embedded!, b: x! },
    {
      kind: "norm",
      out: x!,
      a: x!,
      norm: "layer",
      eps: 1e-5,
      heads: 1,
      gain: normals("gain", WIDTH),
      bias: normals("bias", WIDTH),
    },
    {
      kind: "linear",
      out: wide!,
      a: x!,
      packed: pack("wide", [WIDTH, 3 * WIDTH]),
      bias: normals("wide bias", 3 * WIDTH),
    },
    { kind: "columns", out: q!, a: wide!, heads: HEADS, stride: 3 * D_HEAD, first: D_HEAD },
    { kind: "norm", out: q!, a: q!, norm: "rms", eps: 1e-6, heads: HEADS },
    { kind: "columns", out: k!, a: wide!, heads: 1, stride: 3 * WIDTH, first: 5 },
    { kind: "columns", out: v!, a: wide!, heads: KEY_HEADS, stride: 40, first: 60 },
    {
      kind: "attention",
      out: z!,
      q: q!,
      k: k!,
      v: v!,
      ...attention,
      cosines: angles.map(Math.cos),
      sines: angles.map(Math.sin),
    },
    { kind: "linear", out: gate!, a: z!, packed: pack("gate", [WIDTH, HIDDEN], true) },
    { kind: "linear", out: up!, a: z!, packed: pack("up", [WIDTH, HIDDEN], true) },
  ];
  for (const [i, [, activation]] of ACTIVATIONS.entries())
    steps.push({ kind: "activate", out: out! + 1 + i, a: gate!, activation });
  steps.push(
    { kind: "activate", out: gate!, a: gate!, activation: FORWARD_ACTIVATION.silu },
    { kind: "multiply", out: gate!, a: gate!, b: up! },
    { kind: "linear", out: out!, a: gate!, packed: pack("down", [HIDDEN, WIDTH], true, 0.01) },
    { kind: "add", out: out!, a: out!, b: z! },
  );
  const tokens = Int32Array.from({ length: WINDOWS * positions }, (_, i) => (7 * i) % VOCABULARY);
  const call = {
    steps,
    buffers,
    tokens,
    lengths: Int32Array.from(lengths),
    windows: WINDOWS,
    positions,
  };
  return { call, outputs, weights };
}
