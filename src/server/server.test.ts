import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { z } from "zod";
import { serving, withFeatures } from "../../test/support/serving.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { tinyRuns } from "../../test/support/tiny-run.ts";
import { openEvidence } from "../analyses/features/open-evidence.ts";
import { agreementSchema } from "./api/agreement.ts";
import { errorSchema } from "./api/common.ts";
import { definitionsSchema } from "./api/definitions.ts";
import { cardSchema, columnsSchema, featuresSchema, findSchema } from "./api/features.ts";
import { intruderAnswerSchema, intruderSchema } from "./api/intruder.ts";
import { latentsSchema, metricsSchema, runSchema } from "./api/run.ts";
import { runsSchema } from "./api/runs.ts";

const finished = ["training.steps=6", "training.log_every=2", "training.agreement_every=3"];

/** Every key of the answer is one of the schema, and has what it says. */
function asSaid<T extends z.ZodType>(schema: T, json: unknown): z.output<T> {
  const parsed = schema.parse(json);
  // What a schema does not name it leaves out.
  expect(parsed).toEqual(json);
  return parsed;
}

test("every reading route answers what its schema says", async () => {
  const root = temporaryFolder();
  const [run] = await tinyRuns(root, finished);
  withFeatures(run!.path);
  const server = await serving(root);
  const get = async (path: string) => {
    const { status, json, text } = await server.get(path);
    expect(status, text).toBe(200);
    return json;
  };
  const { runs, varying } = asSaid(runsSchema, await get("/api/runs"));
  expect(runs).toHaveLength(1);
  expect(varying).toEqual([]);
  expect(runs[0]).toMatchObject({
    name: "tiny",
    status: "finished",
    kind: "synthetic",
    data: "synthetic activations with 8 true features",
    steps: 6,
    total_steps: 6,
    has_features: true,
    problem: null,
  });
  expect(runs[0]!.settings).toMatchObject({ "population.k": 2, "training.steps": 6 });
  expect(runs[0]!.metrics["pw_mcc"]!.null).toBeGreaterThan(0);
  expect(runs[0]!.metrics["fvu"]).toMatchObject({ null: null });
  expect(runs[0]!.sparkline.step).toEqual([1, 2, 4, 6]);
  expect(runs[0]!.members.map(({ coupled }) => coupled)).toEqual([true, true, true, false]);

  const details = asSaid(runSchema, await get("/api/run?name=tiny"));
  expect(details).toMatchObject({ name: "tiny", can_steer: false, problems: [] });
  expect(details.provenance).toMatchObject({ kind: "synthetic", d_in: 8 });
  expect(details.config_text).toContain("name: tiny");

  const metrics = asSaid(metricsSchema, await get("/api/metrics?name=tiny&keys=fvu"));
  expect(metrics).toMatchObject({ lines: 4, last_step: 6 });
  expect(Object.keys(metrics.members[0]!.curves)).toEqual(["fvu"]);
  expect(metrics.pw_mcc).toMatchObject([{ setting: {}, mean: { step: [4, 6], logged: 2 } }]);
  expect(metrics.pw_mcc[0]!.null.value[0]).toBeGreaterThan(0);
  expect(metrics.members[0]!.curves["fvu"]).toMatchObject({ step: [1, 2, 4, 6], logged: 4 });
  const logged = JSON.parse(readFileSync(run!.file("metrics.jsonl"), "utf8").split("\n")[0]!);
  expect(metrics.members[0]!.curves["fvu"]!.value[0]).toBe(logged.members["member-0"].fvu);

  const latents = asSaid(latentsSchema, await get("/api/latents?name=tiny&member=member-0"));
  expect(latents.density).toHaveLength(16);
  expect(latents.best_in_others_null).toBeGreaterThan(0);
  expect(latents.best_in_truth_null).toBeGreaterThan(0);
  const outside = asSaid(latentsSchema, await get("/api/latents?name=tiny&member=independent-0"));
  expect(outside.best_in_others).toBeNull();

  const agreement = asSaid(agreementSchema, await get("/api/agreement?name=tiny"));
  expect(agreement.pairs).toHaveLength(6);
  expect(agreement.pairs.filter(({ independent }) => independent)).toHaveLength(3);
  expect(agreement.pairs[0]!.start!.mean_max).toBeGreaterThan(0);
  expect(agreement.pairs.every((p) => p.mcc_null !== null && p.shared_null !== null)).toBe(true);
  expect(agreement.ground_truth).toHaveLength(4);
  expect(agreement.pw_mcc!.mean).toBeCloseTo(runs[0]!.metrics["pw_mcc"]!.value!, 12);

  const { metrics: defined } = asSaid(definitionsSchema, await get("/api/definitions"));
  for (const name of Object.keys(runs[0]!.metrics))
    expect(defined.map((one) => one.name)).toContain(name);

  asSaid(featuresSchema, await get("/api/features?name=tiny"));
  asSaid(columnsSchema, await get("/api/columns?name=tiny&member=member-1"));
  const card = asSaid(cardSchema, await get("/api/card?name=tiny&member=member-1&latent=3"));
  expect(card).toMatchObject({ member: "member-1", latent: 3 });
  const found = asSaid(findSchema, await get("/api/find?name=tiny&query=word12&member=member-1"));
  expect(found.latents.map(({ latent, member }) => [latent, member])).toEqual([[12, "member-1"]]);
});

test("the evidence that an analysis left is answered as it says", async () => {
  const root = temporaryFolder();
  await tinyRuns(root, [...finished, "analyses=[evaluation, agreement, features]"]);
  const server = await serving(root, { openEvidence });
  const get = async (route: string, query = "") => {
    const { status, json, text } = await server.get(`/api/${route}?name=tiny${query}`);
    expect(status, text).toBe(200);
    return json;
  };
  const { members } = asSaid(featuresSchema, await get("features"));
  expect(members.map(({ name }) => name)).toContain("independent-0");
  const { density } = asSaid(columnsSchema, await get("columns", "&member=member-0"));
  const latent = density.indexOf(Math.max(...density));
  const card = asSaid(cardSchema, await get("card", `&member=member-0&latent=${latent}`));
  expect(card.density).toBeCloseTo(density[latent]!, 6);
  expect(card.partners).toHaveLength(3);
  const { latents } = asSaid(findSchema, await get("find", `&query=${latent}&member=member-0`));
  expect(latents[0]).toMatchObject({ member: "member-0", latent });
  asSaid(intruderSchema, await get("intruder"));
});

test("runs of a sweep have their folder in their name, and what they differ in is said", async () => {
  const root = temporaryFolder();
  await tinyRuns(root, ["name=s", "seed=[0, 1]", "population.k=[1, 2]", "training.steps=2"]);
  const server = await serving(root);
  const { runs, varying } = runsSchema.parse((await server.get("/api/runs")).json);
  expect(runs.map(({ name }) => name)).toEqual(["s/seed=0", "s/seed=1"]);
  expect(varying).toEqual(["seed"]);
  // Several settings have no mean between them.
  expect(runs[0]!.metrics).toEqual({});
  const { json } = await server.get("/api/agreement?name=s%2Fseed%3D1");
  const { pw_mcc, pw_mcc_by_setting, pairs } = agreementSchema.parse(json);
  expect(pw_mcc).toBeNull();
  expect(pw_mcc_by_setting.map(({ setting }) => setting)).toEqual([{ k: 1 }, { k: 2 }]);
  expect(new Set(pairs.map(({ relation }) => relation))).toEqual(
    new Set(["replicates", "other setting"]),
  );
});

test("the folder that is served may be a run itself, and may be a link", async () => {
  const root = temporaryFolder();
  const [run] = await tinyRuns(root, finished);
  symlinkSync(run!.path, join(root, "link"));
  const server = await serving(join(root, "link"));
  const { runs } = runsSchema.parse((await server.get("/api/runs")).json);
  expect(runs.map(({ name, status }) => [name, status])).toEqual([[".", "finished"]]);
  expect((await server.get("/api/run?name=.")).status).toBe(200);
});

test("the list is right after a run has changed", async () => {
  const root = temporaryFolder();
  const [run] = await tinyRuns(root, finished);
  const server = await serving(root);
  const line = async () => runsSchema.parse((await server.get("/api/runs")).json).runs[0]!;
  expect(await line()).toEqual(await line());
  withFeatures(run!.path);
  expect((await line()).has_features).toBe(true);
  await run!.writeRecord({ ...(await run!.readRecord()), status: "interrupted" });
  expect((await line()).status).toBe("interrupted");
});

describe("requests of other sites are refused", () => {
  const own = { "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors" };
  test.each<[string, Record<string, string>, number]>([
    ["no header", {}, 200],
    ["localhost", { host: "localhost:8420" }, 200],
    ["the end of a tunnel", { host: "127.0.0.1:9000", origin: "http://127.0.0.1:9000" }, 200],
    ["its own page", own, 200],
    ["another name", { host: "evil.example" }, 403],
    ["a name that begins alike", { host: "localhost.evil.example" }, 403],
    ["another origin", { origin: "https://evil.example" }, 403],
    ["another port", { host: "127.0.0.1:1", origin: "http://127.0.0.1:2" }, 403],
    ["a file", { origin: "null" }, 403],
    ["a script of another site", { "sec-fetch-site": "cross-site" }, 403],
    ["a frame", { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" }, 403],
  ])("%s", async (_, headers, status) => {
    const server = await serving(temporaryFolder());
    const answered = await server.get("/api/runs", headers);
    expect(answered.status).toBe(status);
    expect(answered.headers["content-security-policy"]).toContain("default-src 'none'");
    if (status !== 200) expect(errorSchema.parse(answered.json).code).toBe("request/foreign");
  });

  test("a form of another site cannot send JSON", async () => {
    const server = await serving(temporaryFolder());
    const answered = await server.post("/api/intruder", {}, { "content-type": "text/plain" });
    expect(answered.status).toBe(415);
  });
});

test("what a route does not take is said with the key", async () => {
  const server = await serving(temporaryFolder());
  const problem = async (path: string) => {
    const { status, json } = await server.get(path);
    return [status, errorSchema.parse(json).error];
  };
  expect(await problem("/api/run")).toEqual([400, "name: expected text."]);
  expect(await problem("/api/card?name=a&member=m&latent=-1")).toEqual([
    400,
    "latent: expected a number of at least 0.",
  ]);
  expect(await problem("/api/nothing")).toEqual([404, "There is no GET /api/nothing."]);
  const large = await server.post("/api/steer", { prompt: "x".repeat(200_000) });
  expect([large.status, large.json["code"]]).toEqual([413, "request/invalid"]);
  const damaged = await server.post("/api/steer", undefined);
  expect(damaged.status).toBe(400);
});

test("the OpenAPI document has every route, with its answer and what may go wrong", async () => {
  const server = await serving(temporaryFolder());
  const { json } = await server.get("/api/openapi.json");
  const paths = json["paths"] as Record<string, Record<string, { responses: object }>>;
  expect(Object.keys(paths).sort()).toEqual([
    "/api/agreement",
    "/api/card",
    "/api/columns",
    "/api/definitions",
    "/api/effects",
    "/api/features",
    "/api/find",
    "/api/intruder",
    "/api/latents",
    "/api/live",
    "/api/metrics",
    "/api/run",
    "/api/runs",
    "/api/steer",
  ]);
  for (const methods of Object.values(paths))
    for (const { responses } of Object.values(methods))
      expect(Object.keys(responses)).toEqual(["200", "default"]);
  expect(Object.keys(paths["/api/intruder"]!)).toEqual(["get", "post"]);
  // And so has the page for people.
  const page = readFileSync(join(import.meta.dirname, "../../docs/serve.md"), "utf8");
  const rows = [...page.matchAll(/^\| `(GET|POST) (\/api\/\w+)[^`.]*` \|/gm)];
  const routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(rows.map(([, method, path]) => `${method} ${path}`).sort()).toEqual(routes.sort());
});

test("the page is served when it is there, and nothing beside it", async () => {
  const root = temporaryFolder();
  const pageFolder = join(root, "web");
  const server = await serving(root, { pageFolder });
  const missing = await server.get("/");
  expect([missing.status, missing.json["code"]]).toEqual([404, "page/missing"]);
  mkdirSync(join(pageFolder, "assets"), { recursive: true });
  writeFileSync(join(root, "secret.txt"), "secret");
  writeFileSync(join(pageFolder, "index.html"), "<p>page</p>");
  writeFileSync(join(pageFolder, "assets/a-1.js"), "1");
  const page = await server.get("/");
  expect([page.status, page.text]).toEqual([200, "<p>page</p>"]);
  expect(page.headers["content-type"]).toMatch(/^text\/html/);
  // A link on a page of another site may lead here.
  const visit = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" };
  expect((await server.get("/", visit)).status).toBe(200);
  const asset = await server.get("/assets/a-1.js");
  expect(asset.headers["content-type"]).toMatch(/javascript/);
  expect(asset.headers["cache-control"]).toContain("immutable");
  for (const path of [
    "/assets/../../secret.txt",
    "/assets/..%2f..%2fsecret.txt",
    "/assets/%2e%2e/%2e%2e/secret.txt",
    "/assets/..%5c..%5csecret.txt",
    "/secret.txt",
    "/assets/none.js",
  ])
    expect((await server.get(path)).status, path).toBeGreaterThanOrEqual(400);
});

test("a person's answers are kept with the run, and only the first to each set counts", async () => {
  const root = temporaryFolder();
  const [run] = await tinyRuns(root, ["training.steps=2"]);
  withFeatures(run!.path);
  const server = await serving(root);
  const asked = await server.get("/api/intruder?name=tiny&seed=3&count=10");
  const { sets, scores } = asSaid(intruderSchema, asked.json);
  expect(sets).toHaveLength(10);
  expect(sets.map(({ decile }) => decile).sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(scores.all).toMatchObject({ answers: 0, accuracy: null, interval: null, chance: 0.2 });
  for (const { id, contexts } of sets) {
    // The word of the latent is in four of the five contexts.
    const words = contexts.map(({ pieces }) => pieces[1]!);
    const intruder = words.findIndex((word) => words.filter((w) => w === word).length === 1);
    const { json, status } = await server.post("/api/intruder", {
      name: "tiny",
      id,
      choice: intruder,
    });
    expect(status).toBe(200);
    expect(asSaid(intruderAnswerSchema, json)).toMatchObject({ right: true, intruder });
  }
  const again = { name: "tiny", id: sets[0]!.id, choice: 0 };
  await server.post("/api/intruder", again);
  const { json } = await server.post("/api/intruder", { ...again, choice: 1 });
  expect(intruderAnswerSchema.parse(json).scores.all).toMatchObject({
    answers: 10,
    right: 10,
    accuracy: 1,
  });
  const lines = readFileSync(run!.file("intruder/answers.jsonl"), "utf8").trim().split("\n");
  expect(lines).toHaveLength(12);
  expect(JSON.parse(lines[0]!)).toMatchObject({ id: sets[0]!.id, right: true });
});

test("sets are the same for the same seed, and unknown ones are refused", async () => {
  const root = temporaryFolder();
  const [run] = await tinyRuns(root, ["training.steps=2"]);
  withFeatures(run!.path);
  let latents = 40;
  const { smallEvidence } = await import("../../test/support/evidence/made-evidence.ts");
  const server = await serving(root, { openEvidence: async () => smallEvidence(latents) });
  const sets = async (query: string) =>
    intruderSchema.parse((await server.get(`/api/intruder?name=tiny${query}`)).json).sets;
  const all = await sets("&count=4");
  expect(await sets("&from=2&count=2")).toEqual(all.slice(2));
  expect(await sets("&seed=1&count=4")).not.toEqual(all);
  expect(JSON.stringify(all)).not.toContain("value");
  const verdict = (id: string) => server.post("/api/intruder", { name: "tiny", id, choice: 0 });
  expect((await verdict("x")).status).toBe(404);
  expect((await verdict(all[0]!.id)).status).toBe(200);
  // Other evidence, other sets.
  latents = 50;
  withFeatures(run!.path, 50);
  const { status, json } = await verdict(all[0]!.id);
  expect([status, json["code"]]).toEqual([404, "intruder/unknown"]);
});
