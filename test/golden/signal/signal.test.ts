/**
 * @file src/signal against SciPy, PyWavelets and MNE, at 1e-9 of each result's largest value
 *   (`make_goldens.py`).
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { butterworth, type Passband } from "../../../src/domains/eeg/signal/butterworth.ts";
import { electrodeName } from "../../../src/domains/eeg/signal/channel-labels.ts";
import { electrodePosition, type Point3 } from "../../../src/domains/eeg/signal/electrodes.ts";
import { notch } from "../../../src/domains/eeg/signal/notch.ts";
import { resamplePoly } from "../../../src/domains/eeg/signal/resample.ts";
import { sosfilt, sosfiltfilt, sosfiltZi } from "../../../src/domains/eeg/signal/sections.ts";
import { sphericalSpline, splineKernel } from "../../../src/domains/eeg/signal/spherical-spline.ts";
import {
  dwt,
  idwt,
  inverseWaveletTransform,
  maxWaveletLevel,
  type WaveletMode,
  waveletTransform,
} from "../../../src/domains/eeg/signal/wavelet.ts";
import {
  universalThreshold,
  waveletDenoise,
} from "../../../src/domains/eeg/signal/wavelet-denoise.ts";
import { welch } from "../../../src/domains/eeg/signal/welch.ts";
import { expectAllclose } from "../../support/allclose.ts";

/**
 * The inputs of make_goldens.py: integers over powers of two, so the same bits in both languages.
 */
function signal(n: number, k = 0): Float64Array {
  const x = new Float64Array(n);
  let walk = 0;
  for (let i = 0; i < n; i++) {
    const noise = ((31 * i * i + 7919 * i + 104729 * k) % 1009) - 504;
    walk += noise;
    x[i] = noise / 64 + walk / 512;
  }
  return x;
}

function golden<T>(name: string): T {
  return JSON.parse(readFileSync(join(import.meta.dirname, `${name}.json`), "utf8")) as T;
}

/** Equal to within `share` of the largest expected value. */
function expectClose(
  received: ArrayLike<number>,
  wanted: ArrayLike<number>,
  what: string,
  share = 1e-9,
): void {
  let largest = 0;
  for (let i = 0; i < wanted.length; i++) largest = Math.max(largest, Math.abs(wanted[i]!));
  expectAllclose(received, wanted, { atol: share * largest }, what);
}

test("Butterworth sections are SciPy's, in its order", () => {
  const cases =
    golden<{ order: number; band: Passband; rate: number; sections: number[] }[]>("butterworth");
  for (const { order, band, rate, sections } of cases) {
    const found = butterworth(order, band, rate);
    const what = `order ${order} ${JSON.stringify(band)} at ${rate} Hz`;
    // Numerators of the first section carry the gain, which can be 1e-12: each section is compared
    // by itself.
    expect(found.length).toBe(sections.length);
    for (let s = 0; s < found.length; s += 3) {
      expectClose(found.subarray(s, s + 3), sections.slice(s, s + 3), `${what}, row ${s / 3}`);
    }
  }
});

interface Filtering {
  readonly filters: readonly {
    readonly band: Passband;
    readonly rate: number;
    readonly order: number;
    readonly n: number;
    readonly k: number;
    readonly zi: number[];
    readonly sosfilt: number[];
    readonly fromRest: number[];
    readonly finalState: number[];
    readonly sosfiltfilt: number[];
    readonly sosfiltfiltPad: number[];
    readonly sosfiltfiltPadded: number[][];
  }[];
  readonly founding: {
    readonly rates: readonly { rate: number; relativeDifference: number; largestPole: number }[];
    readonly rate: number;
    readonly n: number;
    readonly k: number;
    readonly filtfilt: number[];
  };
  readonly notches: readonly {
    frequency: number;
    quality: number;
    rate: number;
    section: number[];
  }[];
}
const filtering = golden<Filtering>("filtering");

describe.each(filtering.filters)("filtering: order $order $band.kind at $rate Hz", (wanted) => {
  const sections = butterworth(wanted.order, wanted.band, wanted.rate);
  const x = signal(wanted.n, wanted.k);

  test("forward from zero, and from rest", () => {
    expectClose(sosfilt(sections, x.slice()), wanted.sosfilt, "sosfilt");
    const zi = sosfiltZi(sections);
    expectClose(zi, wanted.zi, "zi");
    const state = zi.map((v) => v * x[0]!);
    expectClose(sosfilt(sections, x.slice(), state), wanted.fromRest, "sosfilt from rest");
    expectClose(state, wanted.finalState, "final state");
  });

  test("forward and backward", () => {
    expectClose(sosfiltfilt(sections, x), wanted.sosfiltfilt, "sosfiltfilt");
    for (const [i, pad] of wanted.sosfiltfiltPad.entries()) {
      expectClose(sosfiltfilt(sections, x, pad), wanted.sosfiltfiltPadded[i]!, `padding ${pad}`);
    }
  });
});

describe("the MFR authors' filtfilt of one fraction of eleven coefficients", () => {
  const { founding } = filtering;
  const sections = butterworth(5, { kind: "bandPass", low: 0.5, high: 45 }, founding.rate);

  test("at 250 Hz is what the sections give, to 1e-5 of the largest value", () => {
    const found = sosfiltfilt(sections, signal(founding.n, founding.k));
    expectClose(found, founding.filtfilt, "filtfilt", 1e-5);
  });

  test("loses digits with the rate, and has a pole outside the unit circle at 1000 Hz", () => {
    const at = new Map(founding.rates.map((r) => [r.rate, r]));
    expect(at.get(250)!.relativeDifference).toBeLessThan(1e-5);
    expect(at.get(500)!.relativeDifference).toBeGreaterThan(1e-3);
    expect(at.get(1000)!.largestPole).toBeGreaterThan(1);
    expect(at.get(1000)!.relativeDifference).toBeGreaterThan(1e6);
  });
});

test("electrodes are within 6° of a cap maker's", () => {
  const positions = golden<Record<string, number[]>>("electrodes");
  const far = Object.entries(positions).map(([name, p]) => {
    const [x, y, z] = electrodePosition(electrodeName(name)!)!;
    const cosine = x * p[0]! + y * p[1]! + z * p[2]!;
    return [(Math.acos(Math.min(1, cosine)) * 180) / Math.PI, name] as const;
  });
  expect(far.length).toBe(74);
  expect(far.filter(([degrees]) => degrees > 6)).toEqual([]);
});

test("spherical splines are MNE's", () => {
  const cap = golden<Record<string, Point3>>("electrodes");
  const { x, kernel, electrodes, points, smoothing, weights } = golden<{
    x: number[];
    kernel: number[];
    electrodes: string[];
    points: string[];
    smoothing: number[];
    weights: number[][][];
  }>("splines");
  expectClose(x.map(splineKernel), kernel, "kernel");
  const at = (names: readonly string[]) => names.map((name) => cap[name]!);
  for (const [i, amount] of smoothing.entries()) {
    const found = sphericalSpline(at(electrodes), at(points), { smoothing: amount });
    expectClose(found, weights[i]!.flat(), `weights smoothed by ${amount}`);
  }
});

test("notches are SciPy's", () => {
  for (const { frequency, quality, rate, section } of filtering.notches) {
    expectClose(notch(frequency, quality, rate), section, `notch ${frequency} of ${rate} Hz`);
  }
});

test("resampling is SciPy's resample_poly", () => {
  const cases = golden<{ up: number; down: number; n: number; y: number[] }[]>("resampling");
  for (const { up, down, n, y } of cases) {
    expectClose(resamplePoly(signal(n, up), { up, down }), y, `${n} samples · ${up} / ${down}`);
  }
});

test("spectra are SciPy's welch", () => {
  const cases =
    golden<
      {
        n: number;
        rate: number;
        segmentLength: number | null;
        overlap: number | null;
        frequencies: number[];
        density: number[];
      }[]
    >("spectra");
  for (const { n, rate, segmentLength, overlap, frequencies, density } of cases) {
    const found = welch(signal(n, 2), rate, {
      ...(segmentLength !== null && { segmentLength }),
      ...(overlap !== null && { overlap }),
    });
    expectClose(found.frequencies, frequencies, "frequencies");
    expectClose(found.density, density, `density of ${n} samples`);
  }
});

interface Wavelets {
  readonly several: readonly {
    readonly n: number;
    readonly level: number;
    readonly mode: WaveletMode;
    readonly coefficients: number[][];
    readonly maxLevel: number;
    readonly threshold: number;
    readonly denoised: number[];
  }[];
  readonly short: readonly {
    readonly n: number;
    readonly mode: WaveletMode;
    readonly approximation: number[];
    readonly detail: number[];
    readonly inverse: number[];
  }[];
}
const wavelets = golden<Wavelets>("wavelets");

describe.each(wavelets.several)("wavelets: $n samples, $level levels, $mode", (wanted) => {
  const x = signal(wanted.n, 5);

  test("coefficients are PyWavelets'", () => {
    const c = waveletTransform(x, wanted.mode, wanted.level);
    expect(maxWaveletLevel(wanted.n)).toBe(wanted.maxLevel);
    for (const [i, found] of [c.approximation, ...c.details].entries()) {
      expectClose(found, wanted.coefficients[i]!, `coefficients ${i}`);
    }
    expectClose(inverseWaveletTransform(c), x, "inverse");
  });

  test("soft-threshold denoising is that of PyWavelets' parts", () => {
    const c = waveletTransform(x, wanted.mode, wanted.level);
    expectClose(
      [universalThreshold(c.details.at(-1)!, wanted.n)],
      [wanted.threshold],
      "universal threshold",
    );
    const denoised = waveletDenoise(x, { mode: wanted.mode, level: wanted.level });
    expectClose(denoised, wanted.denoised, "denoised");
  });
});

test("one level of signals shorter than the filter is PyWavelets' too", () => {
  for (const { n, mode, approximation, detail, inverse } of wavelets.short) {
    const [low, high] = dwt(signal(n, 1), mode);
    const scale = [...approximation, ...detail];
    expectClose([...low, ...high], scale, `${n} samples, ${mode}`);
    expectClose(idwt(low, high, mode), inverse, `inverse of ${n} samples, ${mode}`);
  }
});
