import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkFigure } from "../../test/support/figure.ts";
import { allElements, type Element, parseMarkup, textOf } from "../../test/support/markup.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { tinyRuns } from "../../test/support/tiny-run.ts";
import { describeSource } from "../domains/domains.ts";
import { fixed, significant } from "../figures/number-text.ts";
import {
  type ConsistencyResult,
  type EvaluationResult,
  readConsistency,
  readEvaluation,
} from "../runs/results.ts";
import { RunFolder } from "../runs/run-folder.ts";
import { substituteSentence } from "./run-answer.ts";
import { type RunData, readRunData } from "./run-data.ts";
import { runReport, runReportPage, writeRunReport } from "./run-report.ts";

const read = (path: string) => readFileSync(path, "utf8");

/** A page's elements, after checking it and every figure in it. */
function checkPage(page: string): { elements: Element[]; text: string; figures: string[] } {
  const root = parseMarkup(page);
  const elements = allElements(root);
  const figures = page.match(/<svg .*?<\/svg>/gs) ?? [];
  for (const svg of figures) checkFigure(svg);
  expect(elements.filter((e) => e.name === "script")).toEqual([]);
  for (const { attributes } of elements) {
    expect(attributes["src"]).toBeUndefined();
    for (const name of Object.keys(attributes)) expect(name).not.toMatch(/^on/);
  }
  const ids = elements.map((e) => e.attributes["id"]).filter((id) => id !== undefined);
  expect(new Set(ids).size).toBe(ids.length);
  const words = elements.filter((e) => e.name === "body");
  return { elements, text: words.map(textOf).join(""), figures };
}

/** The exact values that the page's rounded numbers carry. */
function exactValues(elements: readonly Element[]): Set<string> {
  return new Set(elements.filter((e) => e.name === "data").map((e) => e.attributes["value"]!));
}

describe("the report of a run that finished", () => {
  let data: RunData;
  let evaluation: EvaluationResult;
  let consistency: ConsistencyResult;
  let page: string;

  const home = mkdtempSync(join(tmpdir(), "concord-test-"));
  afterAll(() => rmSync(home, { recursive: true }));

  beforeAll(async () => {
    const [folder] = await tinyRuns(home, ["coupling={weight: 0.5}"]);
    data = await readRunData(folder!);
    evaluation = (await readEvaluation(folder!))!;
    consistency = (await readConsistency(folder!))!;
    const path = await writeRunReport(folder!);
    page = read(path);
    expect(path).toBe(folder!.file("report.html"));
    expect(readdirSync(folder!.path).filter((name) => name.includes(".tmp-"))).toEqual([]);
  });

  test("holds every number of evaluation.json and consistency.json, each similarity with its null", () => {
    const { elements } = checkPage(page);
    const values = exactValues(elements);
    for (const member of evaluation.members)
      for (const value of Object.values(member.metrics)) expect(values).toContain(String(value));
    const all = [...consistency.pairs, ...consistency.independent!, ...consistency.ground_truth!];
    for (const s of all)
      for (const value of [s.mcc, s.mcc_null, ...s.mean_max, ...s.mean_max_null, s.shared])
        expect(values).toContain(String(value));
  });

  test("answers in words, with the same numbers", () => {
    const { elements } = checkPage(page);
    const answer = textOf(elements.find((e) => e.attributes["class"] === "answer")!);
    const inside = evaluation.members.filter((m) => m.coupled);
    const fvu = inside.reduce((sum, m) => sum + m.metrics["fvu"]! / inside.length, 0);
    const pw = consistency.pw_mcc!;
    expect(answer).toContain(
      "3 sparse autoencoders (topk, 16 latents) and 1 independent one were trained",
    );
    expect(answer).toContain(
      "synthetic activations with 8 true features for 20 steps of 32 activations",
    );
    expect(answer).toContain(
      "pulled together by Mutual Feature Regularization of weight 0.5 (hungarian matching)",
    );
    expect(answer).toContain(`FVU ${significant(fvu, 3)}`);
    expect(answer).toContain(
      `a mean cosine of ${fixed(pw.mean, 3)}, where unrelated dictionaries of the same shape have ${fixed(pw.null, 3)}`,
    );
    expect(answer).toContain("only what lies outside it counts as evidence");
    expect(answer).not.toMatch(/substitute/i);
  });

  test("shows curves, agreement, densities and the time, and how to get them again", () => {
    const { text, figures } = checkPage(page);
    const titles = figures.map((svg) => /<title[^>]*>(.*?)<\/title>/.exec(svg)![1]);
    expect(titles).toEqual([
      "Agreement with other members against agreement with the truth",
      "MCC of every pair of members",
      "Agreement and activation density of all latents",
      "Agreement and activation density of latents below the 99th percentile",
      "Latents by largest cosine to another member",
      "Latents by largest cosine to a true feature",
      "Activation density of latents",
      "FVU of the training batch over steps",
      "Loss of the training batch over steps",
      "Loss of the coupling over steps",
      "Milliseconds of a step",
    ]);
    expect(text).toContain("concord run config.yaml --name tiny-again");
    expect(text).toContain("concord 0.0.0, node 20");
    expect(text).toContain("Waiting for the source");
    expect(text).toContain(data.configText);
    for (const metric of ["FVU", "MSE", "PW-MCC", "GT-MCC"]) expect(text).toContain(metric);
  });

  test("is the same bytes for the same folder", () => {
    expect(runReportPage(data)).toBe(page);
  });

  test("escapes every name and text", () => {
    const evil = `<script>alert("1")</script>&'`;
    const rename = <T>(value: T): T =>
      JSON.parse(
        JSON.stringify(value, (_, v: unknown) =>
          v === "member-0" || v === "synthetic" ? evil : v,
        ),
      ) as T;
    const bad = runReportPage({
      ...data,
      record: { ...rename(data.record), name: evil, versions: { [evil]: evil } },
      evaluation: { ...rename(evaluation), substitute: evil },
      consistency: rename(consistency),
      metrics: {
        ...data.metrics,
        members: new Map([[evil, [...data.metrics.members.values()][0]!]]),
      },
      events: { count: 1, first: [{ step: 1, event: evil, [evil]: evil }] },
      configText: evil,
    });
    const { text } = checkPage(bad);
    expect(bad).not.toContain("<script");
    expect(text).toContain(evil);
    expect(text).toContain("The data is a substitute");
  });

  test("stands metrics that are not numbers", () => {
    const members = evaluation.members.map((m) => ({ ...m, metrics: { fvu: null as never } }));
    const { text } = checkPage(runReportPage({ ...data, evaluation: { ...evaluation, members } }));
    expect(text).toContain("the variance unexplained is not a number");
  });

  test("of one member says that consistency needs more", () => {
    const [only] = evaluation.members;
    const { text } = checkPage(
      runReportPage({
        ...data,
        evaluation: { ...evaluation, members: [only!] },
        consistency: { pairs: [], ground_truth: consistency.ground_truth!.slice(0, 1) },
        latents: new Map([["member-0", { density: new Float32Array(16) }]]),
      }),
    );
    expect(text).toContain("1 sparse autoencoder (topk, 16 latents) was trained");
    expect(text).toContain("With one member there is nothing to say of consistency.");
  });

  test("without a known truth shows agreement against density", () => {
    const { ground_truth: _, ...rest } = consistency;
    const latents = new Map(
      [...data.latents].map(([name, { bestInTruth: __, ...known }]) => [name, known]),
    );
    const { figures } = checkPage(runReportPage({ ...data, consistency: rest, latents }));
    expect(figures.join("")).toContain("Agreement with other members against activation density");
    expect(figures.join("")).not.toContain("the truth");
  });
});

describe("the report of a run that did not finish", () => {
  test("says that it was interrupted, and shows the curves so far", async () => {
    const folder = temporaryFolder();
    const stop = new AbortController();
    const run = tinyRuns(folder, [], (e) => e.kind === "checkpoint" || stop.abort(), stop.signal);
    await expect(run).rejects.toThrow("Interrupted after step");
    const { text, figures } = checkPage(await runReport(new RunFolder(`${folder}/tiny`)));
    expect(text).toContain("This run was interrupted at step 1 of 20.");
    expect(text).toContain("nothing has been evaluated on held-out activations");
    expect(figures).toHaveLength(3);
  });

  test("says why it failed", async () => {
    const folder = temporaryFolder();
    const fail = (event: { kind: string }) => {
      if (event.kind === "evaluating") throw new Error("no more disk");
    };
    await expect(tinyRuns(folder, [], fail)).rejects.toThrow("no more disk");
    const { text } = checkPage(await runReport(new RunFolder(`${folder}/tiny`)));
    expect(text).toContain("This run failed at step 20 of 20: no more disk");
  });

  test("a folder that is not a run is an error that names what is missing, and writes nothing", async () => {
    const folder = temporaryFolder();
    await expect(writeRunReport(new RunFolder(folder))).rejects.toMatchObject({
      code: "file/missing",
    });
    expect(readdirSync(folder)).toEqual([]);
  });
});

test("damaged results are an error, and the older report stays", async () => {
  const [folder] = await tinyRuns(temporaryFolder(), ["population.members=1", "training.steps=2"]);
  writeFileSync(folder!.file("report.html"), "before");
  writeFileSync(folder!.file("results", "evaluation.json"), "[]");
  await expect(writeRunReport(folder!)).rejects.toMatchObject({ code: "format/invalid" });
  expect(read(folder!.file("report.html"))).toBe("before");
  rmSync(folder!.file("results"), { recursive: true });
  const { text } = checkPage(await runReport(folder!));
  expect(text).toContain("This run says that it has finished, but its results are missing.");
});

test("recordings that were made up are told from those of an open substitute", () => {
  const eeg = { kind: "eeg", layout: { channels: ["Cz", "Pz"] }, report: { used: [{}, {}] } };
  const words = (more: object) => describeSource({ ...eeg, ...more });
  const open = { substitute: "eegmmidb, an open substitute for TUH EEG" };
  expect(words(open)).toBe("EEG windows of 2 channels from 2 recordings");
  const made = { substitute: "simulated EEG", simulated: true };
  expect(words(made)).toBe("EEG windows of 2 channels from 2 simulated recordings");
  expect(substituteSentence([open.substitute])).toEqual([
    "The data is a substitute: eegmmidb, an open substitute for TUH EEG.",
  ]);
  expect(substituteSentence([])).toEqual([]);
});
