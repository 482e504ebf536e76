import { expect, test } from "vitest";
import { asFloat32, type Tensor } from "../../../base/tensor.ts";
import { TEN_TWENTY } from "../signal/electrodes.ts";
import { describeTemplate } from "../signal/template.ts";
import { KEPT_COURSES, KeptTemplates, keptTemplate } from "./kept-templates.ts";
import { channelNames, templateWords } from "./template-words.ts";

const layout = { channels: TEN_TWENTY, rate: 128, samples: 128 };

/** Ten cycles a second, most at O2, less at O1, and little elsewhere. */
const gain = (c: number) => ({ O2: 1, O1: -0.9, Cz: 0.4 })[TEN_TWENTY[c]!] ?? 0.05;
const values = Float32Array.from({ length: 19 * 128 }, (_, i) => {
  return gain(Math.floor(i / 128)) * Math.cos((2 * Math.PI * 10 * ((i % 128) - 64)) / 128);
});
const facts = describeTemplate({ values, ...layout, channels: 19 }, KEPT_COURSES);

/** What a tensor [latents, …] has of one latent. */
function ofLatent(tensors: ReadonlyMap<string, Tensor>, latent: number) {
  return new Map(
    Array.from(tensors, ([name, one]) => {
      const width = one.data.length / one.shape[0]!;
      return [name, asFloat32(one).subarray(latent * width, (latent + 1) * width)] as const;
    }),
  );
}

test("a template is read back as it was, to the precision of bfloat16", () => {
  const kept = new KeptTemplates(3, layout);
  kept.set(1, facts);
  const back = keptTemplate(ofLatent(kept.tensors(), 1), layout)!;
  expect(back).toMatchObject({ rate: 128, samples: 128, peak: facts.peak, peakFrequency: 10 });
  expect(back.courses.map(({ channel }) => TEN_TWENTY[channel])).toEqual(["O2", "O1", "Cz"]);
  for (const [i, { values: course }] of back.courses.entries())
    for (let t = 0; t < 128; t++)
      expect(Math.abs(course[t]! - facts.courses[i]!.values[t]!)).toBeLessThan(0.005);
  for (let c = 0; c < 19; c++) expect(Math.abs(back.map[c]! - facts.map[c]!)).toBeLessThan(0.005);
  expect(back.spectrum.frequencies).toEqual(facts.spectrum.frequencies.slice(0, 46));
  for (const [k, density] of back.spectrum.density.entries())
    expect(Math.abs(density - facts.spectrum.density[k]!)).toBeLessThan(0.005 * 2);
});

test("what is kept of a latent takes 1.2 KB for 19 channels of 128 samples", () => {
  const tensors = [...new KeptTemplates(10, layout).tensors().values()];
  const bytes = tensors.reduce((sum, { data }) => sum + data.byteLength, 0) / 10;
  expect(bytes).toBeLessThan(1.2 * 1024);
});

test("few channels have few courses; a file without templates has none", () => {
  const few = { channels: ["Cz", "Pz"], rate: 100, samples: 50 };
  const kept = new KeptTemplates(1, few);
  const wave = Float32Array.from({ length: 100 }, (_, i) => Math.sin(i) * (i < 50 ? 1 : 3));
  kept.set(
    0,
    describeTemplate({ values: wave, channels: 2, samples: 50, rate: 100 }, KEPT_COURSES),
  );
  const back = keptTemplate(ofLatent(kept.tensors(), 0), few)!;
  expect(back.courses.map(({ channel }) => channel)).toEqual([1, 0]);
  expect(keptTemplate(new Map(), few)).toBeUndefined();
});

test("a template in words has its frequency, and the channels that are nearly as strong", () => {
  expect(templateWords(facts, TEN_TWENTY)).toBe("10 Hz, strongest at O2, O1");
  const slow = { ...facts, peakFrequency: undefined };
  expect(templateWords(slow, TEN_TWENTY)).toMatch(/^no power within the EEG's bands, strongest/);
  const zeros = describeTemplate({ values: new Float32Array(19 * 128), ...layout, channels: 19 });
  expect(templateWords(zeros, TEN_TWENTY)).toBe("");
});

test("channels are called by their electrodes where they are of one", () => {
  expect(channelNames(["EEG Fp1-REF", "T3", "ECG"])).toEqual(["Fp1", "T7", "ECG"]);
});
