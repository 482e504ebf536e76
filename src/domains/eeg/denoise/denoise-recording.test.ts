/**
 * Recordings through SAEs that reconstruct every window exactly: what is left is what the pipeline
 * does.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { expectAllclose } from "../../../../test/support/allclose.ts";
import { reference } from "../../../../test/support/backends.ts";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import { randomStream } from "../../../base/philox.ts";
import { saveSae } from "../../../interchange/saelens.ts";
import { openEdf } from "../edf/open-edf.ts";
import { encodeEdf } from "../edf/write-edf.ts";
import { butterworth } from "../signal/butterworth.ts";
import { pinkNoise } from "../signal/noise.ts";
import { sosfiltfilt } from "../signal/sections.ts";
import { type EegRecipe, recipeJson } from "../windows/recipe.ts";
import { type DenoiseOptions, denoiseRecording } from "./denoise-recording.ts";

const RECIPE: EegRecipe = {
  variant: "fixed",
  channels: ["Fz", "Cz"],
  rate: 100,
  samples: 20,
  band: { low: 1, high: 20, order: 3 },
  averageReference: false,
};

/** Atoms ± every axis: ReLU(x) − ReLU(−x) = x. `gain` scales what comes out. */
async function saveExactSae(folder: string, recipe: EegRecipe, gain = 1) {
  const dIn = recipe.channels.length * recipe.samples;
  const both = new Float32Array(2 * dIn * dIn);
  for (let j = 0; j < dIn; j++) {
    both[j * dIn + j] = 1;
    both[(dIn + j) * dIn + j] = -1;
  }
  const sae = {
    ...({ selection: { kind: "relu" }, architecture: "relu", dIn, dSae: 2 * dIn } as const),
    encoder: both.map((v) => gain * v),
    decoder: both,
    encoderBias: new Float32Array(2 * dIn),
    decoderBias: undefined,
  };
  await saveSae(folder, sae, { eeg: recipeJson(recipe) });
}

const RATE = 200;
const noise = (name: string, samples: number) =>
  pinkNoise(randomStream(1, name), samples, RATE).map((v) => 20 * v);

interface Channel {
  readonly label: string;
  readonly unit?: string;
  readonly values: Float64Array;
  readonly samplesPerRecord?: number;
}

function writeRecording(
  path: string,
  channels: readonly Channel[],
  options: { recordOnsets?: number[]; annotations?: { onset: number; texts: string[] }[] } = {},
) {
  const bytes = encodeEdf({
    format: "EDF+D",
    startTime: "2020-01-01T00:00:00",
    recordDuration: 1,
    ...options,
    signals: channels.map(({ label, unit = "uV", values, samplesPerRecord = RATE }) => ({
      label,
      unit,
      physMin: -327.68,
      physMax: 327.67,
      digMin: -32768,
      digMax: 32767,
      samplesPerRecord,
      samples: { physical: values },
    })),
  });
  writeFileSync(path, bytes);
}

/** A folder with an SAE; denoises `in.edf` there. */
async function workplace(recipe: EegRecipe = RECIPE) {
  const folder = temporaryFolder();
  const [input, output, sae] = [
    join(folder, "in.edf"),
    join(folder, "out.edf"),
    join(folder, "sae"),
  ];
  await saveExactSae(sae, recipe);
  const run = (options: Partial<DenoiseOptions> = {}) =>
    denoiseRecording(reference, { input, output, saes: [sae], ...options });
  const read = async (path = output) => {
    const file = await openEdf(path);
    const signals = await Promise.all(file.signals.map((_, i) => file.readSignal(i)));
    const rest = { annotations: await file.annotations(), gaps: await file.gaps() };
    const { signals: headers, startTime } = file;
    await file.close();
    return { signals, headers, startTime, ...rest };
  };
  return { folder, input, output, sae, run, read };
}

const band = (x: Float64Array, { low, high, order } = RECIPE.band) =>
  sosfiltfilt(butterworth(order, { kind: "bandPass", low, high }, RATE), x);
/** Half a step of the calibration, resampling to 100 Hz and back, and its ends. */
const CLOSE = { atol: 0.1 };

describe("a recording", () => {
  test("comes back filtered, everything else untouched", async () => {
    const { input, run, read } = await workplace();
    const [fz, cz, ecg] = ["fz", "cz", "ecg"].map((name) => noise(name, 12 * RATE));
    writeRecording(
      input,
      [
        { label: "EEG Cz-Ref", values: cz! },
        { label: "ECG", unit: "mV", values: ecg! },
        { label: "EEG FZ-Ref", values: fz! },
        { label: "Temp", values: new Float64Array(12), samplesPerRecord: 1 },
      ],
      { annotations: [{ onset: 2.5, texts: ["eyes closed"] }] },
    );
    const before = await read(input);
    const result = await run();
    expect(result).toMatchObject({
      passedThrough: ["ECG", "Temp"],
      rate: 200,
      saeRate: 100,
      clipped: 0,
      reference: "as recorded",
      seconds: 12,
      stretches: 1,
      keptStretches: 0,
      keptSeconds: 0,
    });
    expect(result.channels.map((c) => [c.label, c.name])).toEqual([
      ["EEG FZ-Ref", "Fz"],
      ["EEG Cz-Ref", "Cz"],
    ]);
    for (const { rmsIn, rmsOut, rmsRemoved } of result.channels) {
      expect(rmsOut).toBeCloseTo(rmsIn, 3);
      expect(rmsRemoved).toBeLessThan(1e-3 * rmsIn);
    }
    const after = await read();
    expect(after.signals[1]).toEqual(before.signals[1]);
    expect(after.signals[3]).toEqual(before.signals[3]);
    expectAllclose(after.signals[0]!, band(before.signals[0]!), CLOSE, "Cz");
    expectAllclose(after.signals[2]!, band(before.signals[2]!), CLOSE, "Fz");
    expect([after.annotations, after.startTime]).toEqual([before.annotations, before.startTime]);
    const plain = ({ prefilter: _, ...rest }: (typeof after.headers)[number]) => rest;
    expect(after.headers.map(plain)).toEqual(before.headers.map(plain));
    expect(after.headers.map((h) => h.prefilter)).toEqual([
      "HP:1Hz LP:20Hz, SAE",
      "",
      "HP:1Hz LP:20Hz, SAE",
      "",
    ]);
  });

  test("is not mixed across its gaps; stretches too short for a filter stay as they were", async () => {
    const { input, run, read } = await workplace({ ...RECIPE, rate: 200, samples: 250 });
    const [fz, cz] = ["fz", "cz"].map((name) => noise(name, 9 * RATE));
    // Stretches of 4, 1 and 4 s; a window lasts 1.25 s.
    const recordOnsets = [0, 1, 2, 3, 10, 20, 21, 22, 23];
    writeRecording(
      input,
      [
        { label: "Fz", values: fz! },
        { label: "Cz", values: cz! },
      ],
      { recordOnsets },
    );
    const before = await read(input);
    const result = await run();
    expect(result).toMatchObject({ seconds: 8, stretches: 2, keptSeconds: 1, keptStretches: 1 });
    const after = await read();
    expect(after.gaps).toEqual(before.gaps);
    for (const [c, x] of before.signals.entries()) {
      const part = (from: number, to: number) =>
        [x, after.signals[c]!].map((v) => v.slice(from * RATE, to * RATE));
      const [first, second, third] = [part(0, 4), part(4, 5), part(5, 9)];
      expectAllclose(first[1]!, band(first[0]!), { atol: 0.02 });
      expect(second[1]).toEqual(second[0]);
      expectAllclose(third[1]!, band(third[0]!), { atol: 0.02 });
    }
  });

  test.each([
    ["at one rate", { ...RECIPE, rate: 200, samples: 50 }],
    ["resampled", { ...RECIPE, rate: 128, samples: 32, averageReference: true }],
  ])("in pieces is the recording in one, %s", async (_, recipe) => {
    const { folder, input, run, read } = await workplace(recipe);
    const channels = ["Fz", "Cz"].map((label) => ({ label, values: noise(label, 90 * RATE) }));
    writeRecording(input, channels);
    const progress: number[] = [];
    const onProgress = ({ seconds }: { seconds: number }) => progress.push(seconds);
    const [whole, parts] = [join(folder, "whole.edf"), join(folder, "parts.edf")];
    const [a, b] = [
      await run({ output: whole, overlap: 0.6 }),
      await run({ output: parts, overlap: 0.6, pieceSamples: 30 * RATE, onProgress }),
    ];
    expect(progress.length).toBeGreaterThan(6);
    expect(progress.at(-1)).toBe(90);
    const [one, other] = [await read(whole), await read(parts)];
    // A step of the calibration is 0.01 µV.
    for (const [c, x] of one.signals.entries())
      expectAllclose(other.signals[c]!, x, { atol: 0.0101 });
    for (const [c, { rmsIn }] of a.channels.entries())
      expect(b.channels[c]!.rmsIn).toBeCloseTo(rmsIn, 5);
  });
});

describe("the average over channels", () => {
  const recipe = { ...RECIPE, averageReference: true };
  const channels = ["Fz", "Cz"].map((label) => ({ label, values: noise(label, 10 * RATE) }));

  test("stays subtracted, and the header says so", async () => {
    const { input, run, read } = await workplace(recipe);
    writeRecording(input, channels);
    expect((await run()).reference).toBe("average");
    const { signals, headers } = await read();
    expectAllclose(
      signals[0]!,
      signals[1]!.map((v) => -v),
      { atol: 0.02 },
    );
    expect(headers[0]!.prefilter).toBe("HP:1Hz LP:20Hz average reference, SAE");
  });

  test("is added back when asked", async () => {
    const { input, run, read } = await workplace(recipe);
    writeRecording(input, channels);
    expect((await run({ restoreReference: true })).reference).toBe("as recorded");
    const [before, after] = [await read(input), await read()];
    for (const [c, x] of before.signals.entries())
      expectAllclose(after.signals[c]!, band(x), CLOSE);
  });

  test("is that of volts, whatever the channels' units", async () => {
    const { input, run, read } = await workplace(recipe);
    const [fz, cz] = channels;
    writeRecording(input, [fz!, { ...cz!, unit: "mV", values: cz!.values.map((v) => v / 1000) }]);
    await run();
    const { signals } = await read();
    // A step of the calibration of the channel in mV is 10 µV.
    expectAllclose(
      signals[0]!,
      signals[1]!.map((v) => -1000 * v),
      { atol: 5.1 },
    );
  });
});

describe("a recording whose header or last record is wrong", () => {
  const channels = ["Fz", "Cz"].map((label) => ({ label, values: noise(label, 10 * RATE) }));
  const put = (bytes: Buffer, at: number, text: string) =>
    bytes.write(text.padEnd(8), at, "latin1");

  test.each(["0", "-1", "4", "99"])(
    "loses no sample when its header says %s records",
    async (n) => {
      const { folder, input, run, read } = await workplace();
      writeRecording(input, channels);
      await run({ output: join(folder, "right.edf") });
      const bytes = readFileSync(input);
      put(bytes, 236, n);
      writeFileSync(input, bytes);
      const result = await run();
      expect(result).toMatchObject({ seconds: 10, extraBytes: 0 });
      expect(result.warnings).toEqual([
        expect.stringMatching(/^number of data records .* holds 10/),
      ]);
      const [right, after] = [await read(join(folder, "right.edf")), await read()];
      expect(after.signals.map((x) => x.length)).toEqual([2000, 2000]);
      for (const [c, x] of right.signals.entries())
        expect(Buffer.from(after.signals[c]!.buffer).equals(Buffer.from(x.buffer))).toBe(true);
    },
  );

  test("keeps the bytes of a last record that was cut, and says so", async () => {
    const { input, output, run } = await workplace();
    writeRecording(input, channels);
    const bytes = readFileSync(input).subarray(0, -100);
    writeFileSync(input, bytes);
    const result = await run();
    const extra = result.extraBytes;
    expect(extra).toBeGreaterThan(0);
    expect(result).toMatchObject({ seconds: 9, bytes: bytes.length });
    expect(readFileSync(output).subarray(-extra).equals(bytes.subarray(-extra))).toBe(true);
  });

  test("is refused when nothing of it can be denoised, and what was there stays", async () => {
    const { input, output, run } = await workplace();
    writeFileSync(output, "before");
    writeRecording(input, channels);
    const bytes = readFileSync(input);
    put(bytes, 236, "0");
    writeFileSync(input, bytes.subarray(0, 256 * 4));
    await expect(run()).rejects.toThrow(/in\.edf: it holds no data record/);
    const short = channels.map((c) => ({
      ...c,
      values: c.values.slice(0, 20),
      samplesPerRecord: 5,
    }));
    writeRecording(input, short);
    await expect(run()).rejects.toThrow(/which do not carry/);
    const brief = channels.map((c) => ({ ...c, values: c.values.slice(0, RATE) }));
    const long = { ...RECIPE, samples: 200 };
    const other = await workplace(long);
    writeRecording(other.input, brief);
    await expect(other.run()).rejects.toThrow(
      /in\.edf: its longest stretch without a gap lasts 1 s, and a filter and a window need 2 s/,
    );
    expect(readFileSync(output, "utf8")).toBe("before");
  });
});

describe("a channel that carries nothing", () => {
  const recipe: EegRecipe = { ...RECIPE, channels: ["Fz", "Cz", "Pz"], averageReference: true };
  const live = ["Fz", "Cz"].map((label) => ({ label, values: noise(label, 12 * RATE) }));
  const constant = { label: "Pz", values: new Float64Array(12 * RATE).fill(12.34) };

  test("is kept out of the average, and copied as it is", async () => {
    const { folder, input, run, read } = await workplace(recipe);
    writeRecording(input, [...live, constant]);
    const before = await read(input);
    const result = await run();
    expect(result).toMatchObject({ flat: ["Pz"], passedThrough: [], dropouts: [] });
    expect(result.channels.map((c) => c.label)).toEqual(["Fz", "Cz"]);
    const { signals, headers } = await read();
    expect(signals[2]).toEqual(before.signals[2]);
    expect(headers[2]!.prefilter).toBe("");
    // Against the average of the two that are alive, one is minus the other.
    const minus = signals[1]!.map((v) => -v);
    expectAllclose(signals[0]!, minus, { atol: 0.02 });
    const restored = join(folder, "restored.edf");
    await run({ output: restored, restoreReference: true });
    const found = (await read(restored)).signals;
    for (const c of [0, 1]) expectAllclose(found[c]!, band(before.signals[c]!), CLOSE);
    writeRecording(
      input,
      ["Fz", "Cz", "Pz"].map((label) => ({ ...constant, label })),
    );
    await expect(run()).rejects.toThrow(/every channel .* is flat from beginning to end/);
  });

  test("for a while is left as recorded for that while", async () => {
    const { input, run, read } = await workplace(recipe);
    const values = noise("pz", 12 * RATE);
    values.fill(-3, 4 * RATE, 7 * RATE);
    writeRecording(input, [...live, { label: "Pz", values }]);
    const before = await read(input);
    const result = await run({ pieceSamples: 5 * RATE });
    expect(result.dropouts).toEqual([{ label: "Pz", seconds: expect.closeTo(3, 1) }]);
    const { signals } = await read();
    const part = (x: Float64Array, from: number, to: number) => x.slice(from * RATE, to * RATE);
    expect(part(signals[2]!, 4, 7)).toEqual(part(before.signals[2]!, 4, 7));
    expect(part(signals[2]!, 8, 11)).not.toEqual(part(before.signals[2]!, 8, 11));
  });
});

test("several SAEs make the mean of what each makes of a window", async () => {
  const { folder, input, sae, run, read } = await workplace();
  await saveExactSae(join(folder, "half"), RECIPE, 0.5);
  writeRecording(
    input,
    ["Fz", "Cz"].map((label) => ({ label, values: noise(label, 10 * RATE) })),
  );
  const half = await run({ saes: [join(folder, "half")] });
  const both = await run({ saes: [sae, join(folder, "half")] });
  for (const [c, { rmsIn, rmsRemoved }] of half.channels.entries()) {
    expect(rmsRemoved).toBeGreaterThan(0.1 * rmsIn);
    expect(both.channels[c]!.rmsRemoved / rmsRemoved).toBeCloseTo(0.5, 3);
  }
  expect((await read()).signals).toHaveLength(2);
});

describe("what does not fit is refused in a line, and leaves what was there", () => {
  const flat = (label: string, seconds = 10): Channel => ({
    label,
    values: noise(label, seconds * RATE),
  });

  test("recordings", async () => {
    const { folder, input, output, run } = await workplace();
    writeFileSync(output, "before");
    const refused = async (channels: readonly Channel[], message: RegExp) => {
      writeRecording(input, channels);
      await expect(run()).rejects.toThrow(message);
    };
    await refused([flat("Fz"), flat("Pz")], /in\.edf lacks 1 of the 2 channels .*: Cz\.$/);
    const slow = { label: "Cz", values: new Float64Array(10 * 30), samplesPerRecord: 30 };
    await refused([{ ...slow, label: "Fz" }, slow], /30 Hz, which do not carry the 20 Hz/);
    writeFileSync(input, "no EDF file".repeat(50));
    await expect(run()).rejects.toThrow(/version/);
    await expect(run({ input: join(folder, "none.edf") })).rejects.toMatchObject({
      code: "file/missing",
    });
    writeRecording(input, [flat("Fz"), flat("Cz")]);
    await expect(run({ output: input })).rejects.toThrow(/another file than the input/);
    await expect(run({ output: join(folder, "out.bdf") })).rejects.toThrow(
      /a name that ends in \.edf, as its format will be, for output/,
    );
    await expect(run({ overlap: 1 })).rejects.toThrow(/overlap/);
    const signal = AbortSignal.abort();
    await expect(run({ signal })).rejects.toMatchObject({ code: "interrupted" });
    await expect(run({ output: join(folder, "no", "out.edf") })).rejects.toThrow(
      /its folder does not exist/,
    );
    expect(readFileSync(output, "utf8")).toBe("before");
  });

  test("a calibration that has no zero", async () => {
    const { input, run } = await workplace();
    const signals = ["Fz", "Cz"].map((label) => ({
      label,
      unit: "uV",
      physMin: 100,
      physMax: 300,
      digMin: -2048,
      digMax: 2047,
      samplesPerRecord: RATE,
      samples: { digital: Int32Array.from({ length: 4 * RATE }, (_, i) => (i * 97) % 500) },
    }));
    const when = { startTime: "2020-01-01T00:00:00", recordDuration: 1 };
    writeFileSync(input, encodeEdf({ format: "EDF", ...when, signals }));
    await expect(run()).rejects.toThrow(
      /"Fz" stores 100 to 300, which a signal without its offset/,
    );
  });

  test("SAEs", async () => {
    const { folder, input, sae, run } = await workplace();
    writeRecording(input, [flat("Fz"), flat("Cz")]);
    const other = join(folder, "other");
    await saveExactSae(other, { ...RECIPE, band: { ...RECIPE.band, low: 2 } });
    await expect(run({ saes: [sae, other] })).rejects.toThrow(/folders with the windows of/);
    await expect(run({ saes: [] })).rejects.toThrow(/at least one folder/);
    const cfg = join(other, "cfg.json");
    const json = JSON.parse(readFileSync(cfg, "utf8"));
    writeFileSync(cfg, JSON.stringify({ ...json, metadata: { ...json.metadata, eeg: undefined } }));
    await expect(run({ saes: [other] })).rejects.toThrow(/does not say how EEG windows are made/);
    const eeg = { ...json.metadata.eeg, samples: 21 };
    writeFileSync(cfg, JSON.stringify({ ...json, metadata: { ...json.metadata, eeg } }));
    await expect(run({ saes: [other] })).rejects.toThrow(
      /d_in is 40, but 2 channels of 21 samples are 42/,
    );
  });
});

test("channels of a faithful recipe are found by their labels, or as the same electrode", async () => {
  const recipe: EegRecipe = { ...RECIPE, variant: "faithful", channels: ["EEG Fz-Ref", "STI"] };
  const { input, run } = await workplace(recipe);
  const channel = (label: string) => ({ label, unit: "x", values: noise(label, 10 * RATE) });
  writeRecording(input, [channel("FZ"), channel("STI")]);
  expect((await run()).channels.map((c) => c.label)).toEqual(["FZ", "STI"]);
});
