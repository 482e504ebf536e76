import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { deadCard, madeCard, madeEvidence } from "../../../test/support/evidence/made-evidence.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import type { Evidence } from "../evidence.ts";
import { exportFeatures } from "./export-features.ts";
import type { ExportFormat } from "./export-formats.ts";
import { uploadBatchSchema } from "./neuronpedia.ts";
import { dashboardBatchSchema, skippedIndexesSchema } from "./saedashboard.ts";

const SOURCE = { modelId: "gpt2-small", layer: 8, set: "res-ours", dataset: "org/texts" };
const read = (folder: string, name: string) =>
  JSON.parse(readFileSync(join(folder, name), "utf8")) as unknown;

/** Six latents, of which 1 and 4 are dead. */
function someEvidence(): Evidence {
  return madeEvidence(
    [0, 1, 2, 3, 4, 5].map((i) => (i === 1 || i === 4 ? deadCard(i) : madeCard(i))),
  );
}

describe("batches of SAEDashboard", () => {
  test("have its fields, and what is not known is null or empty", async () => {
    const out = temporaryFolder();
    const options = { format: "saedashboard", member: "a", out, source: SOURCE } as const;
    const { files, latents, leftOut } = await exportFeatures(madeEvidence([madeCard(0)]), options);
    expect(files).toEqual([join(out, "batch-0.json"), join(out, "skipped_indexes.json")]);
    expect(latents).toBe(1);
    expect(leftOut.join(" ")).toContain("n_prompts_total");
    const { features, ...head } = dashboardBatchSchema.parse(read(out, "batch-0.json"));
    expect(head).toEqual({
      model_id: "gpt2-small",
      layer: 8,
      sae_set: "res-ours",
      sae_id_suffix: null,
    });
    expect(features).toMatchObject([
      {
        feature_index: 0,
        frac_nonzero: 0.1,
        // Bins [0, 2] and [2, 4] by their centres.
        freq_hist_data_bar_values: [1, 3],
        freq_hist_data_bar_heights: [90, 10],
        pos_str: [" park"],
        pos_values: [2],
        neg_str: [" sea"],
        neg_values: [-1],
        dataset: "org/texts",
        n_prompts_total: null,
        correlated_features_indices: [],
        vector: [],
        activations: [
          { bin_min: -1, bin_max: 4, bin_contains: -1, values: [0, 4, 0.25] },
          // A tenth of the active rows, which are a tenth of all.
          { bin_min: 2, bin_max: 4, bin_contains: 0.01, qualifying_token_index: 1 },
        ],
      },
    ]);
    expect(features[0]!.activations[0]!.tokens).toEqual(["the", " car", " stops"]);
  });

  test("list dead latents apart", async () => {
    const out = temporaryFolder();
    const options = { format: "saedashboard", member: "a", out, source: SOURCE } as const;
    const { latents, leftOut } = await exportFeatures(someEvidence(), options);
    expect(latents).toBe(4);
    expect(leftOut.at(-1)).toBe("2 latents were active in no row that was looked at.");
    expect(skippedIndexesSchema.parse(read(out, "skipped_indexes.json"))).toEqual({
      model_id: "gpt2-small",
      layer: "8",
      sae_set: "res-ours",
      log_sparsity: null,
      skipped_indexes: [1, 4],
    });
  });

  test("of a member whose latents are all dead are none", async () => {
    const out = temporaryFolder();
    const options = { format: "saedashboard", member: "a", out } as const;
    const { files, latents } = await exportFeatures(madeEvidence([deadCard(0)]), options);
    expect([files.length, latents]).toEqual([1, 0]);
    expect(readdirSync(out)).toEqual(["skipped_indexes.json"]);
  });
});

describe("uploads to Neuronpedia", () => {
  const exported = async (evidence: Evidence, source?: typeof SOURCE) => {
    const out = temporaryFolder();
    const result = await exportFeatures(evidence, {
      format: "neuronpedia",
      member: "a",
      out,
      source,
    });
    return { ...result, batch: uploadBatchSchema.parse(read(out, "batch-0.json")) };
  };

  test("have the fields of its schema", async () => {
    const { batch } = await exported(madeEvidence([madeCard(0)]), SOURCE);
    const tokens = ["the", " car", " stops"];
    expect(batch).toEqual({
      modelId: "gpt2-small",
      source: "8-res-ours",
      features: [
        {
          index: 0,
          density: 0.1,
          topLogits: [{ token: " park", value: 2 }],
          bottomLogits: [{ token: " sea", value: -1 }],
          explanations: [{ text: "label 0" }],
          activations: [
            {
              tokens,
              values: [0, 4, 0.25],
              quantileMax: 4,
              quantileMin: -1,
              quantileFraction: null,
            },
            { tokens, values: [0, 3, 0.25], quantileMax: 4, quantileMin: 2, quantileFraction: 0.1 },
          ],
        },
      ],
    });
  });

  test("without a source or logits say so once", async () => {
    const bare = { label: "", logits: null, logits_absent: "the hook does not reach them." };
    const { batch, leftOut } = await exported(madeEvidence([madeCard(0, bare), madeCard(1, bare)]));
    expect([batch.modelId, batch.source]).toEqual([null, null]);
    expect(batch.features[0]).toMatchObject({
      topLogits: null,
      bottomLogits: null,
      explanations: [],
    });
    expect(leftOut.slice(1)).toEqual([
      "modelId and source are null, because the export was not told them.",
      "There are no logits: the hook does not reach them.",
    ]);
  });

  test("keep to its limits: 1,024 tokens around the row, 20 logits, 512 letters", async () => {
    const pieces = Array.from({ length: 3000 }, (_, i) => ({ text: `t${i}`, value: i }));
    const long = { ...madeCard(0).examples.top[0]!, pieces, peak: 2900 };
    const logits = Array.from({ length: 30 }, (_, i) => ({ text: `l${i}`, value: 30 - i }));
    const card = madeCard(0, {
      label: "x".repeat(600),
      logits: { top: logits, bottom: logits },
      examples: { top: [long], quantiles: [], random: [], near_misses: [] },
    });
    const { batch } = await exported(madeEvidence([card]));
    const [feature] = batch.features;
    expect(feature!.activations[0]!.tokens).toHaveLength(1024);
    expect(feature!.activations[0]!.tokens).toContain("t2900");
    expect(feature!.topLogits!.at(-1)).toEqual({ token: "l19", value: 11 });
    expect(feature!.explanations[0]!.text).toHaveLength(512);
  });

  test("leave out latents without an example, which it refuses", async () => {
    const none = { examples: { top: [], quantiles: [], random: [], near_misses: [] } };
    const { batch, leftOut, latents } = await exported(
      madeEvidence([madeCard(0, none), madeCard(1)]),
    );
    expect(batch.features.map(({ index }) => index)).toEqual([1]);
    expect(latents).toBe(1);
    expect(leftOut.at(-1)).toMatch(/^1 latent was left out for want of an example/);
  });
});

describe("files", () => {
  test("hold perBatch latents, and each is whole before the next latent is read", async () => {
    const out = temporaryFolder();
    const evidence = someEvidence();
    const there: string[][] = [];
    const watched: Evidence = {
      ...evidence,
      card: (member, latent) => {
        there[latent] = readdirSync(out).filter((name) => name.endsWith(".json"));
        return evidence.card(member, latent);
      },
    };
    await exportFeatures(watched, { format: "neuronpedia", member: "a", out, perBatch: 1 });
    // Live are 0, 2, 3 and 5; a batch is closed when the latent after it has been read.
    expect(there.map((names) => names.length)).toEqual([0, 0, 0, 1, 2, 2]);
    expect(readdirSync(out).sort()).toEqual([0, 1, 2, 3].map((n) => `batch-${n}.json`));
    const indexes = [0, 1, 2, 3].map((n) =>
      uploadBatchSchema.parse(read(out, `batch-${n}.json`)).features.map(({ index }) => index),
    );
    expect(indexes).toEqual([[0], [2], [3], [5]]);
  });

  test("are whole or absent when the evidence turns out damaged", async () => {
    const evidence = someEvidence();
    const damaged: Evidence = {
      ...evidence,
      card: async (member, latent) => {
        if (latent === 5) throw new Error("damaged");
        return evidence.card(member, latent);
      },
    };
    for (const [format, left] of [
      ["csv", []],
      ["saedashboard", ["batch-0.json"]],
    ] as const) {
      const out = temporaryFolder();
      const options = { format, member: "a", out, perBatch: 2 };
      await expect(exportFeatures(damaged, options)).rejects.toThrow("damaged");
      expect(readdirSync(out)).toEqual(left);
    }
  });
});

describe("is refused", () => {
  const refusal = async (
    evidence: Evidence,
    options: Partial<Parameters<typeof exportFeatures>[1]>,
  ) => {
    const out = join(temporaryFolder(), "out");
    const refused = exportFeatures(evidence, {
      format: "neuronpedia",
      member: "a",
      out,
      ...options,
    });
    await expect(refused).rejects.toMatchObject({ code: "argument/invalid" });
    const message = await refused.catch((error: Error) => error.message);
    expect(existsSync(join(out, "batch-0.json"))).toBe(false);
    return message;
  };

  test("what is not there, or what Neuronpedia would refuse", async () => {
    const evidence = someEvidence();
    const name = "HuggingFaceTB/SmolLM2";
    expect(await refusal(evidence, { member: "b" })).toContain("one of a for member");
    expect(await refusal(evidence, { format: "html" as ExportFormat })).toContain("csv, sae");
    expect(await refusal(evidence, { perBatch: 129 })).toContain("from 1 to 128");
    expect(await refusal(evidence, { source: { ...SOURCE, modelId: name } })).toContain("modelId");
    expect(await refusal(evidence, { source: { ...SOURCE, set: "a__b" } })).toContain("no two _");
    expect(await refusal(evidence, { source: { ...SOURCE, layer: -1 } })).toContain("layer");
  });

  test("rows without text", async () => {
    const top = [{ ...madeCard(0).examples.top[0]!, pieces: [], svg: "<svg/>" }];
    const picture = { top, quantiles: [], random: [], near_misses: [] };
    const evidence = madeEvidence([deadCard(0), madeCard(1, { examples: picture })]);
    expect(await refusal(evidence, {})).toContain("Expected rows of text for Neuronpedia");
    const csv = { format: "csv", member: "a", out: temporaryFolder() } as const;
    await expect(exportFeatures(evidence, csv)).resolves.toMatchObject({ latents: 2 });
  });

  test("a folder with the batches of another export", async () => {
    const out = temporaryFolder();
    writeFileSync(join(out, "batch-7.json"), "{}");
    expect(await refusal(someEvidence(), { out })).toContain("has a batch already: batch-7.json");
    expect(readdirSync(out)).toEqual(["batch-7.json"]);
  });
});
