/**
 * @file What of a model's forward pass some tensors need, and the buffers that its steps share. A
 *   buffer serves another tensor once nothing reads the one before.
 */

import { ConcordError } from "../../../../errors.ts";
import { inputsOf, type RecordedStep } from "./recorded-step.ts";

/** Rows of one width that several tensors take in turn. */
export interface PlannedBuffer {
  readonly width: number;
  /** No attention lies between the steps that use it, and none uses it. */
  readonly isBrief: boolean;
  /** Its place among the wanted tensors, where it holds one. */
  readonly wanted: number | undefined;
}

export interface ForwardPlan {
  /** In the order in which they run. */
  readonly steps: readonly RecordedStep[];
  readonly buffers: readonly PlannedBuffer[];
  /** The buffer of each tensor. */
  readonly places: ReadonlyMap<string, number>;
}

/** Steps that may write where they read. */
const IN_PLACE: ReadonlySet<RecordedStep["kind"]> = new Set([
  "activate",
  "add",
  "multiply",
  "norm",
]);

/**
 * The plan for some tensors.
 *
 * @throws {ConcordError} `model/unsupported` naming a tensor that no step makes.
 */
export function planForward(
  recorded: readonly RecordedStep[],
  wanted: readonly string[],
): ForwardPlan {
  const makers = new Map(recorded.map((step) => [step.out, step]));
  const needed = new Set<string>();
  const open = [...wanted];
  for (let tensor = open.pop(); tensor !== undefined; tensor = open.pop()) {
    if (needed.has(tensor)) continue;
    const maker = makers.get(tensor);
    if (!maker)
      throw new ConcordError(
        "model/unsupported",
        `The native engine does not compute "${tensor}".`,
        { hint: "Collect this hook with the engine onnxruntime." },
      );
    needed.add(tensor);
    open.push(...inputsOf(maker));
  }
  const steps = recorded.filter(({ out }) => needed.has(out));
  return { steps, ...shareBuffers(steps, wanted) };
}

/** From where to where a tensor is used: numbers of steps. */
interface Life {
  width: number;
  last: number;
  isBrief: boolean;
}

/** The width of each tensor, its last use, and whether it lives between two attentions. */
function livesOf(steps: readonly RecordedStep[]): Map<string, Life> {
  const lives = new Map<string, Life>();
  const segments = new Map<string, number>();
  let segment = 0;
  for (const [i, step] of steps.entries()) {
    const isAttention = step.kind === "attention";
    if (isAttention) segment++;
    const inputs = inputsOf(step);
    for (const input of inputs) {
      const life = lives.get(input)!;
      life.last = i;
      if (isAttention || segments.get(input) !== segment) life.isBrief = false;
    }
    const width = "width" in step ? step.width : lives.get(inputs[0]!)!.width;
    lives.set(step.out, { width, last: i, isBrief: !isAttention });
    segments.set(step.out, segment);
  }
  return lives;
}

function shareBuffers(steps: readonly RecordedStep[], wanted: readonly string[]) {
  const lives = livesOf(steps);
  const buffers: PlannedBuffer[] = [];
  const places = new Map<string, number>();
  const free: number[] = [];
  const take = (tensor: string): number => {
    const { width, isBrief } = lives.get(tensor)!;
    const at = wanted.indexOf(tensor);
    if (at >= 0) return buffers.push({ width, isBrief, wanted: at }) - 1;
    const found = free.findIndex(
      (b) => buffers[b]!.width === width && buffers[b]!.isBrief === isBrief,
    );
    return found < 0
      ? buffers.push({ width, isBrief, wanted: undefined }) - 1
      : free.splice(found, 1)[0]!;
  };
  for (const [i, step] of steps.entries()) {
    const ending = [...new Set(inputsOf(step))].filter(
      (input) => lives.get(input)!.last === i && !wanted.includes(input),
    );
    const release = () => free.push(...ending.map((input) => places.get(input)!));
    // Released first, an input's buffer may become the output's.
    if (IN_PLACE.has(step.kind)) release();
    places.set(step.out, take(step.out));
    if (!IN_PLACE.has(step.kind)) release();
  }
  return { buffers, places };
}
