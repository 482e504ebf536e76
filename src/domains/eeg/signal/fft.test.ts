import { expect, test } from "vitest";
import { expectAllclose } from "../../../../test/support/allclose.ts";
import { fftPlan } from "./fft.ts";

const noise = (n: number, k: number) =>
  Float64Array.from({ length: n }, (_, i) => ((31 * i * i + 7919 * i + k) % 1009) / 1009 - 0.5);

/** The sum of the definition. */
function direct(re: Float64Array, im: Float64Array) {
  const n = re.length;
  const out = { re: new Float64Array(n), im: new Float64Array(n) };
  for (let k = 0; k < n; k++) {
    for (let i = 0; i < n; i++) {
      const angle = (-2 * Math.PI * ((k * i) % n)) / n;
      const [c, s] = [Math.cos(angle), Math.sin(angle)];
      out.re[k] = out.re[k]! + re[i]! * c - im[i]! * s;
      out.im[k] = out.im[k]! + re[i]! * s + im[i]! * c;
    }
  }
  return out;
}

test("every length up to 65, and some larger ones, is the sum of the definition", () => {
  for (const n of [...Array.from({ length: 65 }, (_, i) => i + 1), 97, 128, 250, 255, 500]) {
    const [re, im] = [noise(n, 1), noise(n, 2)];
    const wanted = direct(re, im);
    const plan = fftPlan(n);
    for (let again = 0; again < 2; again++) {
      const [a, b] = [re.slice(), im.slice()];
      plan.forward(a, b);
      expectAllclose(a, wanted.re, { atol: 1e-11 }, `re, n = ${n}`);
      expectAllclose(b, wanted.im, { atol: 1e-11 }, `im, n = ${n}`);
      plan.inverse(a, b);
      expectAllclose(a, re, { atol: 1e-13 }, `back, n = ${n}`);
      expectAllclose(b, im, { atol: 1e-13 }, `back, n = ${n}`);
    }
  }
});

test("lengths that are none are refused", () => {
  for (const n of [0, -1, 1.5, 2 ** 27]) expect(() => fftPlan(n)).toThrow(/length/);
  expect(() => fftPlan(4).forward(new Float64Array(4), new Float64Array(3))).toThrow(/re and im/);
});
