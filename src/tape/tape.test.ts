/** The tape itself: what it allocates, how gradients are summed, what it refuses. */
import { describe, expect, test } from "vitest";
import { backendNames, nativeIsas, openNamed, reference } from "../../test/support/backends.ts";
import { normals } from "../../test/support/random.ts";
import type { Backend } from "../backend/backend.ts";
import * as ops from "./library.ts";
import { TapeMemory } from "./memory.ts";
import { Tape } from "./tape.ts";

/** A backend, and how many arrays were asked of it. */
function watched(real: Backend) {
  let arrays = 0;
  const counted =
    <T>(allocate: (length: number) => T) =>
    (length: number) => {
      arrays++;
      return allocate(length);
    };
  const backend: Backend = {
    ...real,
    float32: counted(real.float32),
    int32: counted(real.int32),
    bytes: counted(real.bytes),
  };
  return { backend, arrays: () => arrays };
}

/** A small network with most kinds of operations. */
function network(tape: Tape) {
  const x = tape.input([4, 6, 6, 2]);
  const W = tape.parameter([3, 3, 2, 5]);
  const gamma = tape.parameter([5]);
  const V = tape.parameter([7, 45]);
  W.value.set(normals("W", W.length));
  gamma.value.fill(1);
  V.value.set(normals("V", V.length));
  const image = ops.conv2d(x, W, undefined, { padding: 1 });
  const running = { mean: new Float32Array(5), variance: new Float32Array(5).fill(1) };
  const normed = ops.batchNorm(image, gamma, tape.parameter([5]), running);
  const flat = ops.reshape(ops.maxPool2d(ops.gelu(normed), 2), [4, 45]);
  const code = ops.topK(ops.linear(flat, V, tape.parameter([7])), 3);
  const decoded = ops.matmul(code, ops.unitRows(V));
  const loss = ops.add(ops.meanSquaredError(decoded, flat), ops.l1Norm(code));
  return { x, loss };
}

describe.each(backendNames)("%s", (backendName) => {
  test("a step allocates nothing", async () => {
    const { backend, arrays } = watched(openNamed(backendName));
    const tape = new Tape(backend);
    const { x, loss } = network(tape);
    const optimizer = new ops.Adam(tape.parameters);
    const recorded = arrays();
    const losses: number[] = [];
    for (let step = 0; step < 3; step++) {
      x.value.set(normals("x", x.length));
      await tape.forward();
      await tape.backward(loss);
      await optimizer.step({ lr: 0.01 });
      losses.push(loss.value[0]!);
    }
    expect(arrays()).toBe(recorded);
    expect(losses[2]).toBeLessThan(losses[0]!);
  });

  test("tapes that take turns share memory and do not disturb each other", async () => {
    const { backend, arrays } = watched(openNamed(backendName));
    const memory = new TapeMemory(backend);
    const run = async (tape: Tape, { x, loss }: ReturnType<typeof network>, name: string) => {
      x.value.set(normals(name, x.length));
      await tape.forward();
      await tape.backward(loss);
      return [loss.value[0], ...tape.parameters.map((p) => p.gradient!.sum.slice())];
    };
    const first = new Tape(backend, memory);
    const one = network(first);
    const before = arrays();
    const second = new Tape(backend, memory);
    const two = network(second);
    expect(arrays() - before).toBe(second.parameters.length);
    const a = await run(first, one, "a");
    await run(second, two, "b");
    expect(await run(first, one, "a")).toEqual(a);
  });
});

test.skipIf(nativeIsas.length === 0)("gives the same bytes on any number of threads", async () => {
  const found = [];
  for (const threads of [1, 3]) {
    const tape = new Tape(openNamed(nativeIsas[0]!, threads));
    const { x, loss } = network(tape);
    x.value.set(normals("x", x.length));
    await tape.forward();
    await tape.backward(loss);
    found.push([loss.value[0], ...tape.parameters.map(({ gradient }) => gradient!.sum.slice())]);
  }
  expect(found[1]).toEqual(found[0]);
});

test("the gradient of what is used twice is the sum, and of what is not used zero", async () => {
  const tape = new Tape(reference);
  const [a, unused] = [tape.parameter([2]), tape.parameter([1])];
  a.value.set([3, -2]);
  unused.gradient!.sum.fill(7);
  const loss = ops.sum(ops.add(ops.multiply(a, a), ops.reshape(ops.scale(a, 4), [2])));
  for (let pass = 0; pass < 2; pass++) {
    await tape.forward();
    await tape.backward(loss);
    expect([...a.gradient!.sum, ...unused.gradient!.sum]).toEqual([10, 0, 0]);
  }
});

test("no gradient flows through what is stopped, or beside the loss", async () => {
  const tape = new Tape(reference);
  const a = tape.parameter([1]);
  a.value.set([3]);
  const square = ops.multiply(a, ops.stopGradient(a));
  const beside = ops.sum(ops.square(square));
  const loss = ops.sum(square);
  await tape.forward();
  await tape.backward(loss);
  expect([...a.gradient!.sum]).toEqual([3]);
  expect(beside.value[0]).toBe(81);
});

test("forward stops where it is told to", async () => {
  const tape = new Tape(reference);
  const x = tape.input([1]);
  x.value.set([2]);
  const first = ops.square(x);
  const second = ops.square(first);
  await tape.forward(first);
  expect([first.value[0], second.value[0]]).toEqual([4, 0]);
});

test("top-k keeps the first of equal numbers, and drops NaN first", async () => {
  const tape = new Tape(reference);
  const x = tape.input([2, 5]);
  x.value.set([1, 3, 3, 3, 2, Number.NaN, -1, -2, Number.NaN, -3]);
  const kept = ops.topK(x, 2);
  await tape.forward();
  expect([...kept.value]).toEqual([0, 3, 3, 0, 0, 0, -1, -2, 0, 0]);
});

describe("mistakes are named", () => {
  const tape = new Tape(reference);
  const matrix = tape.parameter([2, 3]);
  const images = tape.input([1, 4, 4, 2]);
  const cases: Readonly<Record<string, readonly [() => unknown, string]>> = {
    "matrices that do not fit": [
      () => ops.matmul(matrix, matrix),
      "[matmul] Expected a second matrix with 3 rows but received [2, 3].",
    ],
    "a vector of another length": [
      () => ops.add(matrix, tape.input([2])),
      "[add] Expected a second tensor with the last axes of [2, 3] but received [2].",
    ],
    "another number of elements": [
      () => ops.reshape(matrix, [4]),
      "[reshape] Expected 4 numbers for [4] but received 6.",
    ],
    "an axis that is not there": [
      () => ops.sum(matrix, 2),
      "Expected an integer from 0 to 1 for axis but received 2 (number).",
    ],
    "axes named twice": [() => ops.permute(matrix, [0, 0]), "each of the axes 0 to 1 once"],
    "k that is too large": [() => ops.topK(matrix, 4), "an integer from 1 to 3 for k"],
    "channels that differ": [
      () => ops.conv2d(images, tape.parameter([3, 3, 1, 4])),
      "[conv2d] Expected weights [3, 3, 2, 4] but received [3, 3, 1, 4].",
    ],
    "a kernel larger than the image": [
      () => ops.conv2d(images, tape.parameter([5, 5, 2, 4])),
      "[conv2d] Expected images that the kernel fits into but received [1, 4, 4, 2].",
    ],
    "squares larger than the image": [
      () => ops.maxPool2d(images, 5),
      "[maxPool2d] Expected images of at least 5 × 5 but received [1, 4, 4, 2].",
    ],
    "tensors of two tapes": [
      () => ops.add(matrix, new Tape(reference).input([2, 3])),
      "Expected tensors of one tape but received some of another.",
    ],
    "labels that are missing": [
      () => ops.crossEntropy(matrix, new Int32Array(3)),
      "[crossEntropy] Expected 2 labels but received 3.",
    ],
  };
  test.each(Object.keys(cases))("%s", (name) => {
    const [mistake, message] = cases[name]!;
    expect(mistake).toThrow(message);
  });

  test("rows and labels that do not exist, and losses that are not scalars", async () => {
    const own = new Tape(reference);
    const x = own.parameter([2, 3]);
    const index = Int32Array.of(2);
    const rows = ops.gather(x, index);
    await expect(own.forward()).rejects.toThrow("[gather] Expected row numbers below 2");
    index[0] = 1;
    const labels = Int32Array.of(0, 3);
    ops.crossEntropy(x, labels);
    await expect(own.forward()).rejects.toThrow("[crossEntropy] Expected labels below 3");
    await expect(own.backward(rows)).rejects.toThrow("[backward] Expected a scalar loss");
    const constant = ops.sum(own.input([2]));
    await expect(own.backward(constant)).rejects.toThrow("The loss does not depend on any");
  });
});
