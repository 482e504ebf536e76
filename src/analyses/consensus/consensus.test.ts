import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { reference } from "../../../test/support/backends.ts";
import { filesBelow } from "../../../test/support/cli.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { tinyContext, tinyRuns } from "../../../test/support/tiny-run.ts";
import { analyseRun } from "../../experiments/analyse-run.ts";
import { readSafetensors } from "../../formats/safetensors-file.ts";
import { loadSae, readSaeMetadata } from "../../interchange/saelens.ts";
import type { RunFolder } from "../../runs/run-folder.ts";
import { consensus } from "./consensus.ts";
import type { ConsensusResult } from "./consensus-result.ts";

const SOURCE =
  "source={ kind: synthetic, d_in: 16, features: 16, groups: 2, active: 2, support: per_sample, held_out_rows: 256 }";

function settings(consensus: string, population = "architecture: topk, k: 2"): string[] {
  return [
    SOURCE,
    `population={ members: 3, independent: 1, d_sae: 20, lr: 0.01, ${population} }`,
    "training={ batch: 128, steps: 120 }",
    `consensus=${consensus}`,
  ];
}

async function resultOf(run: RunFolder): Promise<ConsensusResult> {
  return (await consensus.read(run))!.result;
}

const named = (result: ConsensusResult, name: string) =>
  result.judged.find((row) => row.name === name)!;

describe("the consensus of a run", () => {
  test("is an SAE of latents of several members, judged next to them", async () => {
    const [run] = await tinyRuns(temporaryFolder(), settings("{ refit_steps: 60 }"));
    const result = await resultOf(run!);
    expect(result.of).toEqual(["member-0", "member-1", "member-2"]);
    const latents = result.groups_by_members.reduce((sum, n, i) => sum + n * (i + 1), 0);
    expect(latents).toBe(3 * 20);
    expect(result.latents).toBe(result.groups_by_members[1]! + result.groups_by_members[2]!);
    expect(result.judged.map(({ name }) => name)).toEqual([
      "consensus, averaged",
      "consensus, refitted",
      "member-0",
      "member-1",
      "member-2",
      "independent-0",
    ]);
    const [averaged, refitted] = [
      named(result, "consensus, averaged"),
      named(result, "consensus, refitted"),
    ];
    expect(refitted.fvu).toBeLessThan(averaged.fvu);
    // The refit leaves the atoms as they are.
    expect(refitted.gt_mcc).toBe(averaged.gt_mcc);
    expect(refitted.independent_mcc).toBe(averaged.independent_mcc);
    expect(named(result, "independent-0").independent_mcc).toBeNull();
    const sae = await loadSae(reference, run!.file("consensus"));
    expect(sae.dSae).toBe(result.latents);
    expect(await readSaeMetadata(run!.file("consensus"))).toMatchObject({
      consensus: { min_members: 2, tau: 0.7, refit_steps: 60 },
    });
    const { tensors } = await readSafetensors(run!.file("results", "consensus.safetensors"));
    expect(tensors.get("latents")!.shape).toEqual([result.latents, 3]);
  });

  test("is the same to the last byte when the run is analysed again", async () => {
    const folder = temporaryFolder();
    const [run] = await tinyRuns(folder, settings("{ refit_steps: 20 }"));
    const files = () =>
      ["results/consensus.json", "consensus/sae_weights.safetensors"].map((name) =>
        readFileSync(run!.file(name)).toString("base64"),
      );
    const before = files();
    await analyseRun(run!, ["consensus"], tinyContext(folder));
    expect(files()).toEqual(before);
  });

  test("is filled up to the members' width when asked to", async () => {
    const [run] = await tinyRuns(
      temporaryFolder(),
      settings("{ refit_steps: 0, fill: true, min_members: 3, tau: 0.95 }"),
    );
    const result = await resultOf(run!);
    expect(result.latents).toBe(20);
    expect(result.filled).toBe(20 - result.groups_by_members[2]!);
    expect(result.judged[0]!.name).toBe("consensus");
  });

  test("may train its atoms as well, which reconstructs better", async () => {
    const refitted = async (more: string) => {
      const [run] = await tinyRuns(temporaryFolder(), settings(`{ refit_steps: 100${more} }`));
      return named(await resultOf(run!), "consensus, refitted");
    };
    const [stay, move] = [await refitted(""), await refitted(", train_atoms: true")];
    expect(move.fvu).toBeLessThan(stay.fvu);
    expect(move.gt_mcc).not.toBe(stay.gt_mcc);
  });

  test("without a latent in enough members there is none, and the run goes on", async () => {
    const [run] = await tinyRuns(temporaryFolder(), settings("{ tau: 1 }"));
    const result = await resultOf(run!);
    expect(result).toMatchObject({ latents: 0, judged: [] });
    expect(existsSync(run!.file("consensus"))).toBe(false);
    expect(readFileSync(run!.file("results", "consensus.json"), "utf8")).toContain('"tau": 1');
  });

  test.each([
    "architecture: relu_tied, l1: 0.01",
    "architecture: jumprelu",
    "architecture: topk_tied, k: 2",
    "architecture: batchtopk, k: 2",
  ])("%s has one too, refitted at the members' L0", async (population) => {
    const [run] = await tinyRuns(
      temporaryFolder(),
      settings("{ refit_steps: 60, tau: 0.5 }", population),
    );
    const result = await resultOf(run!);
    const refitted = named(result, "consensus, refitted");
    expect(refitted.fvu).toBeLessThan(1);
    const { selection } = await loadSae(reference, run!.file("consensus"));
    expect(selection.kind).toBe(population.includes("topk_tied") ? "topk" : "jumprelu");
  });

  test.each(["expected_norm", "layer_norm"])("rows may be normalised: %s", async (normalize) => {
    const own = settings("{ refit_steps: 40 }");
    const [run] = await tinyRuns(temporaryFolder(), [...own, `source.normalize=${normalize}`]);
    const result = await resultOf(run!);
    const members = result.judged.filter(({ name }) => name.startsWith("member-"));
    const worst = Math.max(...members.map(({ fvu }) => fvu));
    expect(named(result, "consensus, refitted").fvu).toBeLessThan(1.5 * worst);
  });

  test("a run without the key has none", async () => {
    const [run] = await tinyRuns(temporaryFolder(), settings("{}").slice(0, 3));
    expect([...filesBelow(run!.path).keys()].filter((name) => name.includes("consensus"))).toEqual(
      [],
    );
  });
});
