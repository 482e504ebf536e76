import { describe, expect, test } from "vitest";
import { reference } from "../../../../test/support/backends.ts";
import type { Sae } from "../../../sae/sae.ts";
import type { RowReader } from "../../../sources/source.ts";
import { reconstructedRows, signalSpectra, spreadRows, windowErrors } from "./window-errors.ts";

const layout = { channels: ["Cz", "Pz"], rate: 100, samples: 100 };
const dIn = 200;

/** Ten cycles in Cz and, half as high, twenty in Pz: alpha and beta, of variance ½ and ⅛. */
function window(scale = 1): Float32Array {
  return Float32Array.from({ length: dIn }, (_, i) =>
    i < 100
      ? scale * Math.sin((2 * Math.PI * 10 * i) / 100)
      : (scale / 2) * Math.sin((2 * Math.PI * 20 * i) / 100),
  );
}

/**
 * One latent, whose atom is the first channel's part of a window: of the second channel it knows
 * nothing.
 */
function alphaOnly(): Sae {
  const atom = window().map((v, i) => (i < 100 ? v : 0));
  const norm = Math.hypot(...atom);
  const unit = atom.map((v) => v / norm);
  return {
    selection: { kind: "topk", k: 1, relu: true },
    architecture: "topk",
    dIn,
    dSae: 1,
    encoder: unit,
    decoder: unit,
    encoderBias: new Float32Array(1),
    decoderBias: undefined,
  };
}

function reader(rows: readonly Float32Array[], targets?: readonly Float32Array[]): RowReader {
  return {
    rows: rows.length,
    hasTargets: targets !== undefined,
    async read(start, out, wanted) {
      for (let r = 0; r < out.length / dIn; r++) {
        out.set(rows[start + r]!, r * dIn);
        if (targets) wanted!.set(targets[start + r]!, r * dIn);
      }
    },
  };
}

test("rows are spread evenly, all of them where there are few", () => {
  expect(spreadRows(3, 512)).toEqual([0, 1, 2]);
  expect(spreadRows(10, 4)).toEqual([0, 2, 5, 7]);
  expect(spreadRows(0, 4)).toEqual([]);
});

describe("what an SAE misses", () => {
  const windows = [window(), window(2), new Float32Array(dIn)];

  test("is told by window and by band and channel", async () => {
    const { shares, spectra } = await windowErrors(
      ...([reference, alphaOnly(), reader(windows), layout, [0, 1, 2]] as const),
    );
    // Pz has an eighth of Cz's half: 1/8 of 5/8.
    expect(shares[0]).toBeCloseTo(0.2, 5);
    expect(shares[1]).toBeCloseTo(0.2, 5);
    expect(shares[2]).toBeNaN();
    const { signal, noise } = await signalSpectra(reader(windows), layout, [0, 1, 2]);
    expect(noise).toBeUndefined();
    // Mean over the windows of scale 1, 2 and 0: 5/3 of the variances; delta, theta, alpha, beta,
    // gamma of each channel.
    const expected = [0, 0, 5 / 6, 0, 0, 0, 0, 0, 5 / 24, 0];
    for (const [i, power] of expected.entries()) expect(signal.bands[i]).toBeCloseTo(power, 2);
    const missed = [0, 0, 0, 0, 0, 0, 0, 0, 5 / 24, 0];
    for (const [i, power] of missed.entries()) expect(spectra.bands[i]).toBeCloseTo(power, 2);
    expect(spectra.frequencies).toHaveLength(51);
    expect(spectra.density[20]).toBeCloseTo(signal.density[20]!, 6);
    expect(spectra.density[10]).toBeCloseTo(0, 6);
  });

  test("is what is missing of the targets, where rows have some", async () => {
    const noisy = windows.map((w) => w.map((v, i) => v + (i >= 100 ? 0.5 : 0)));
    const both = reader(noisy, windows);
    const { shares } = await windowErrors(reference, alphaOnly(), both, layout, [0, 1]);
    expect(shares[0]).toBeCloseTo(0.2, 5);
    const { signal, noise } = await signalSpectra(both, layout, [0, 1]);
    expect(signal.bands[2]).toBeCloseTo(5 / 4, 2);
    // An offset has no power in any band.
    for (const power of noise!.bands) expect(power).toBeCloseTo(0, 6);
    for await (const part of reconstructedRows(reference, alphaOnly(), both, [1])) {
      expect([part.first, part.count]).toEqual([0, 1]);
      expect(part.input[100]! - part.target[100]!).toBeCloseTo(0.5, 6);
      expect(part.target[30]! + part.residual[30]!).toBeCloseTo(part.target[30]!, 5);
      expect(part.target[105]! + part.residual[105]!).toBeCloseTo(0, 6);
    }
  });
});
