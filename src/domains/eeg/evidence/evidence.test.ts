import { describe, expect, test } from "vitest";
import { reference } from "../../../../test/support/backends.ts";
import { checkFigure } from "../../../../test/support/figure.ts";
import { madeSae } from "../../../../test/support/made-sae.ts";
import { asFloat32, type Tensor } from "../../../base/tensor.ts";
import { lookThrough } from "../../../evidence/look-through.ts";
import type { Source } from "../../../sources/source.ts";
import type { EvidenceMaker } from "../../evidence-maker.ts";
import { openEegSource } from "../source/eeg-source.ts";
import { templateEvidence } from "./evidence.ts";

const opened = (more: object = {}) =>
  openEegSource({
    simulated: { recordings: 3, seconds: 20, rate: 64, channels: ["Fp1", "Cz", "O1"], blinkUv: 40 },
    variant: "fixed",
    minChannels: 3,
    high: 25,
    ...more,
  });

async function makerOf(source: Source, most = 1000): Promise<EvidenceMaker> {
  const made = await templateEvidence.make(source, { backend: reference, most });
  if ("cannot" in made) throw new Error(made.cannot);
  return made;
}

/** What a maker keeps for some rows, as it is read back. */
async function describerOf(maker: EvidenceMaker, shown: readonly number[]) {
  const tensors = await maker.rowTensors(Int32Array.from(shown));
  return templateEvidence.read({
    facts: maker.facts,
    read: async (name) => tensors.get(name)!,
    elements: async (name, start, count) =>
      asFloat32(tensors.get(name)!).slice(start, start + count),
  });
}

async function described(maker: EvidenceMaker, { dIn }: Source) {
  const sae = madeSae("eeg", { dIn, dSae: 4 });
  const nearest = { k: 0, atoms: new Int32Array(0), cosines: new Float32Array(0) };
  const { seen } = await lookThrough(reference, maker.rows, [{ sae, nearest }], {
    pairs: [],
    around: 1,
    seed: 0,
    pause: async () => {},
    onRows: () => {},
  });
  return maker.describe({ name: "a", sae, seen: seen[0]! }, async () => {});
}

function ofLatent(kept: ReadonlyMap<string, Tensor>, latent: number) {
  return new Map(
    Array.from(kept, ([name, one]) => {
      const width = one.data.length / one.shape[0]!;
      return [name, asFloat32(one).slice(latent * width, (latent + 1) * width)] as const;
    }),
  );
}

describe("evidence of EEG windows", () => {
  test("draws atoms as templates and rows as windows, and says where rows are from", async () => {
    const source = await opened();
    const maker = await makerOf(source);
    expect(maker.leftOut).toEqual([]);
    expect(maker.rows).toMatchObject({ rows: source.heldOut.rows, heldOutFrom: 0 });
    const { latents, kept } = await described(maker, source);
    for (const { label } of latents) expect(label).toMatch(/^\d+ Hz, strongest at (Fp1|Cz|O1)/);
    const [{ name, starts }] = source.heldOutWindows as [{ name: string; starts: number[] }];
    const describer = await describerOf(maker, [0, 7]);
    const row = await describer.describe(7, [], ofLatent(kept!, 2));
    expect(row.where).toBe(`${name}, ${starts[7]} to ${starts[7]! + 1} s`);
    expect(row).toMatchObject({ group: 0, pieces: [] });
    expect(row.svg).toMatch(/^<svg .*<title>(Fp1|Cz|O1), (Fp1|Cz|O1), (Fp1|Cz|O1) over 1 s</);
    const figures = await describer.figures!(ofLatent(kept!, 2));
    expect(figures.map(({ title }) => title)).toEqual(["Template"]);
    const svg = figures[0]!.svg.replace(/<style>.*?<\/style>/, "");
    expect(checkFigure(svg).texts).toContain(
      `over seconds, ${latents[2]!.label.split("at ")[1]!.split(",")[0]} in colour`,
    );
    await source.close();
  });

  test("keeps only the windows that are shown, as float16", async () => {
    const source = await opened();
    const tensors = await (await makerOf(source)).rowTensors(Int32Array.of(1, 2, 9));
    const windows = tensors.get("windows")!;
    expect(windows).toMatchObject({ dtype: "float16", shape: [3, 3, 64] });
    const row = new Float32Array(source.dIn);
    await source.heldOut.read(9, row);
    const kept = asFloat32(windows).subarray(2 * source.dIn);
    for (const [i, value] of row.entries()) expect(Math.abs(kept[i]! - value)).toBeLessThan(0.005);
    await source.close();
  });

  test("says that windows are disturbed, and what is not known of them", async () => {
    const { heldOutWindows: _, ...source } = await opened({
      corrupt: { kinds: ["white"], snrDb: 0 },
    });
    const maker = await makerOf(source);
    expect(maker.leftOut).toEqual([
      "Which recordings the windows are from is not known. Examples have their row numbers.",
    ]);
    const describer = await describerOf(maker, [4]);
    const row = await describer.describe(4, [], new Map());
    expect(row).toEqual({
      where: "held-out window 4, with added noise",
      group: null,
      pieces: [],
      peak: 0,
    });
    expect(await describer.figures!(new Map())).toEqual([]);
    await source.close();
  });

  test("of channels without a place on the scalp has no map, and says so", async () => {
    const source = await opened();
    const layout = { ...source.layout, channels: ["left", "middle", "right"] };
    const maker = await makerOf({ ...source, layout });
    expect(maker.leftOut).toEqual([
      "No channel names a place on the scalp, so templates have no map.",
    ]);
    const { latents, kept } = await described(maker, source);
    expect(latents[0]!.label).toMatch(/strongest at (left|middle|right)/);
    const describer = await describerOf(maker, [4]);
    const [figure] = await describer.figures!(ofLatent(kept!, 0));
    expect(figure!.svg).not.toContain("<circle");
    await source.close();
  });

  test("looks at as many windows as fit, each of which could be an example", async () => {
    const source = await opened();
    const samples = 2 ** 20;
    const heldOut = { ...source.heldOut, rows: 1000 };
    const long = {
      ...source,
      dIn: samples,
      layout: { channels: ["Cz"], rate: 64, samples },
      heldOut,
    };
    const maker = await makerOf(long);
    expect(maker.rows.rows).toBe(128);
    expect(maker.leftOut![0]).toBe(
      "Only 128 windows are looked at: no more than these could be kept as examples.",
    );
    expect((await makerOf(long, 100)).leftOut).toHaveLength(1);
    await source.close();
  });

  test("is left to the core where rows do not say what they are made of", async () => {
    const { layout: __, provenance, ...source } = await opened();
    const bare = { ...source, provenance: { kind: "eeg" } };
    const cannot = { cannot: "These rows do not say which channels they are of." };
    const options = { backend: reference, most: 10 };
    expect(await templateEvidence.make(bare, options)).toEqual(cannot);
    // A store says it where the source does not.
    expect(await templateEvidence.make({ ...bare, provenance }, options)).not.toEqual(cannot);
    const other = { ...bare, dIn: source.dIn + 1, provenance };
    expect(await templateEvidence.make(other, options)).toEqual(cannot);
    await source.close();
  });

  test("a file whose facts are damaged is named", async () => {
    const read = async () => ({ dtype: "int32" as const, shape: [0], data: new Int32Array(0) });
    const of = (windows: string) =>
      templateEvidence.read({
        facts: { windows },
        read,
        elements: async () => new Float32Array(0),
      });
    await expect(of("{")).rejects.toMatchObject({ code: "format/invalid" });
    await expect(of("{}")).rejects.toThrow(/the file of rows: layout/);
  });
});
