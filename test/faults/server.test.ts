/** What is wrong with a run, a file or a port is said; everything else is still served. */
import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runSchema } from "../../src/server/api/run.ts";
import { runsSchema } from "../../src/server/api/runs.ts";
import { smallEvidence } from "../support/evidence/made-evidence.ts";
import { serving, withFeatures } from "../support/serving.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { tinyRuns } from "../support/tiny-run.ts";

const quick = ["training.steps=4", "training.log_every=1"];

/** Every route about one run, for a member and a latent. */
const ROUTES = [
  "run",
  "metrics",
  "latents",
  "agreement",
  "features",
  "columns",
  "card",
  "intruder",
];
const query = (name: string) =>
  `?name=${encodeURIComponent(name)}&member=member-0&latent=0&query=w`;

/** Statuses of all routes about a run. */
async function statuses(server: Awaited<ReturnType<typeof serving>>, name: string) {
  const all: Record<string, number> = {};
  for (const route of ROUTES) {
    const { status, json } = await server.get(`/api/${route}${query(name)}`);
    all[route] = status;
    if (status !== 200) expect(json, route).toHaveProperty("error");
  }
  return all;
}

const fine = Object.fromEntries(ROUTES.map((route) => [route, 200]));

/** Two runs with features, and a server. */
async function served() {
  const root = temporaryFolder();
  const [bad] = await tinyRuns(root, ["name=bad", ...quick]);
  const [good] = await tinyRuns(root, ["name=good", ...quick]);
  for (const run of [bad, good]) withFeatures(run!.path);
  return { root, bad: bad!, server: await serving(root) };
}

test("a run without features says the command, one that has not finished how to go on", async () => {
  const root = temporaryFolder();
  const [run] = await tinyRuns(root, quick);
  const server = await serving(root);
  const features = async () => (await server.get("/api/features?name=tiny")).json;
  expect(await features()).toEqual({
    code: "features/missing",
    error: "tiny has no features: nobody has looked at its latents yet.",
    hint: `Look at them: concord features ${run!.path}`,
  });
  const record = await run!.readRecord();
  await run!.writeRecord({ ...record, status: "interrupted" });
  expect(await features()).toMatchObject({
    error: "tiny has no features: it has not finished (interrupted).",
    hint: expect.stringContaining("--resume"),
  });
  rmSync(run!.file("results"), { recursive: true });
  for (const route of ["agreement", "latents"]) {
    const { status, json } = await server.get(`/api/${route}?name=tiny&member=member-0`);
    expect([status, json["code"]]).toEqual([404, "results/missing"]);
    expect(json["hint"]).toContain("--resume");
  }
  // The rest is there.
  const { evaluation, problems } = runSchema.parse((await server.get("/api/run?name=tiny")).json);
  expect([evaluation, problems]).toEqual([null, []]);
  expect((await server.get("/api/metrics?name=tiny")).status).toBe(200);
});

describe("a damaged file is named, and the rest is served", () => {
  const text = "{ not JSON";
  test.each<[file: string, route: string | undefined, listed: RegExp | null]>([
    ["results/evaluation.json", "latents", /evaluation\.json: not JSON/],
    ["results/consistency.json", "agreement", /consistency\.json: not JSON/],
    ["results/starts.json", undefined, null],
    ["config.yaml", undefined, null],
    ["metrics.jsonl", "metrics", /metrics\.jsonl/],
    ["results/latents.safetensors", "latents", null],
    ["intruder/answers.jsonl", "intruder", null],
  ])("%s", async (file, route, listed) => {
    const { bad, server } = await served();
    mkdirSync(bad.file("intruder"), { recursive: true });
    // Two lines: a torn last line of a log is not damage.
    writeFileSync(bad.file(file), file === "config.yaml" ? "a: [" : `${text}\n${text}\n`);
    const all = await statuses(server, "bad");
    if (route !== undefined) {
      expect(all[route]).toBe(422);
      const { json } = await server.get(`/api/${route}${query("bad")}`);
      expect(json["error"]).toContain(file);
    }
    expect(all["run"]).toBe(200);
    const { problems } = runSchema.parse((await server.get("/api/run?name=bad")).json);
    const isOfRun = /evaluation|consistency|config|metrics/.test(file);
    expect(problems.map(({ part }) => part)).toEqual(isOfRun ? [file] : []);
    expect(await statuses(server, "good")).toEqual(fine);
    const { runs } = runsSchema.parse((await server.get("/api/runs")).json);
    expect(runs.map(({ name }) => name)).toEqual(["bad", "good"]);
    if (listed) expect(runs[0]!.problem).toMatch(listed);
    else expect(runs[0]!.problem).toBeNull();
    expect(runs[1]!.problem).toBeNull();
  });

  test("run.json", async () => {
    const { bad, server } = await served();
    writeFileSync(bad.file("run.json"), "{");
    const { status, json } = await server.get("/api/run?name=bad");
    expect([status, json["code"]]).toEqual([422, "format/invalid"]);
    const { runs } = runsSchema.parse((await server.get("/api/runs")).json);
    expect(runs[0]).toMatchObject({ name: "bad", status: "unreadable" });
    expect(runs[0]!.problem).toContain("run.json: not JSON");
    expect(await statuses(server, "good")).toEqual(fine);
  });
});

test("a log that is cut in its last line, as a killed trainer leaves it, is not damage", async () => {
  const { bad, server } = await served();
  appendFileSync(bad.file("metrics.jsonl"), '{"step":5,"mem');
  const { status, json } = await server.get("/api/metrics?name=bad");
  expect([status, json["last_step"]]).toEqual([200, 4]);
});

test("evidence that cannot be opened is tried again", async () => {
  const root = temporaryFolder();
  const [run] = await tinyRuns(root, quick);
  withFeatures(run!.path);
  let isDamaged = true;
  const { FormatError } = await import("../../src/errors.ts");
  const server = await serving(root, {
    openEvidence: async () => {
      if (isDamaged) throw new FormatError("features/member-0.bin", "it is truncated.");
      return smallEvidence();
    },
  });
  const answered = await server.get("/api/features?name=tiny");
  expect([answered.status, answered.json["error"]]).toEqual([
    422,
    "features/member-0.bin: it is truncated.",
  ]);
  isDamaged = false;
  expect((await server.get("/api/features?name=tiny")).status).toBe(200);
});

test("a defect of the program is answered and told, and the server goes on", async () => {
  const root = temporaryFolder();
  const [run] = await tinyRuns(root, quick);
  withFeatures(run!.path);
  const defects: unknown[] = [];
  const broken = {
    ...smallEvidence(),
    card: () => Promise.reject(new TypeError("x is undefined")),
  };
  const server = await serving(root, {
    openEvidence: async () => broken,
    onDefect: (error) => void defects.push(error),
  });
  const { status, json } = await server.get(`/api/card${query("tiny")}`);
  expect([status, json["code"], json["error"]]).toEqual([500, "internal", "x is undefined"]);
  expect(defects).toHaveLength(1);
  expect((await server.get(`/api/columns${query("tiny")}`)).status).toBe(200);
});

test("members and latents that there are not", async () => {
  const { server } = await served();
  for (const path of [
    "card?name=good&member=x&latent=0",
    "card?name=good&member=member-0&latent=4000",
    "columns?name=good&member=x",
    "latents?name=good&member=x",
    "intruder?name=good&member=x",
  ]) {
    const { status, json } = await server.get(`/api/${path}`);
    expect([path, status]).toEqual([path, 404]);
    expect(json["error"]).toBeTruthy();
  }
});

test("a run that is removed while it is shown is not there any more, the others are", async () => {
  const { bad, server } = await served();
  expect(await statuses(server, "bad")).toEqual(fine);
  rmSync(bad.path, { recursive: true });
  const all = await statuses(server, "bad");
  expect(new Set(Object.values(all))).toEqual(new Set([404]));
  const { json } = await server.get("/api/card?name=bad&member=member-0&latent=0");
  expect(json).toMatchObject({ code: "run/missing", hint: expect.stringContaining("removed") });
  expect(await statuses(server, "good")).toEqual(fine);
  const { runs } = runsSchema.parse((await server.get("/api/runs")).json);
  expect(runs.map(({ name }) => name)).toEqual(["good"]);
});

test("a run that is made again under the same name is read again", async () => {
  const { root, bad, server } = await served();
  expect((await server.get("/api/run?name=bad")).json["steps"]).toBe(4);
  renameSync(bad.path, join(root, "old"));
  await tinyRuns(root, ["name=bad", "training.steps=2"]);
  expect((await server.get("/api/run?name=bad")).json["steps"]).toBe(2);
  expect((await server.get("/api/features?name=bad")).status).toBe(404);
  expect((await server.get("/api/features?name=old")).status).toBe(200);
});

describe("nothing outside the served folder is read", () => {
  test.each([
    "../good",
    "good/../good",
    "..",
    "/etc",
    "\\\\host\\share",
    "c:/runs",
    "good\0",
    "good/../../..",
    "./../x",
  ])("a run called %j", async (name) => {
    const { server } = await served();
    for (const [route, status] of Object.entries(await statuses(server, name)))
      expect([route, status === 403 || status === 404]).toEqual([route, true]);
  });

  test("links that leave it, wherever they are", async () => {
    const outside = temporaryFolder();
    const [secret] = await tinyRuns(outside, ["name=secret", ...quick]);
    withFeatures(secret!.path);
    const { root, bad, server } = await served();
    symlinkSync(secret!.path, join(root, "link"));
    expect(new Set(Object.values(await statuses(server, "link")))).toEqual(new Set([403]));
    for (const path of ["results/evaluation.json", "metrics.jsonl", "saes/member-0", "results"]) {
      const kept = join(root, "kept");
      renameSync(bad.file(path), kept);
      symlinkSync(secret!.file(path), bad.file(path));
      expect(new Set(Object.values(await statuses(server, "bad"))), path).toEqual(new Set([403]));
      const { runs } = runsSchema.parse((await server.get("/api/runs")).json);
      expect(runs.map(({ name, status }) => [name, status])).toEqual([
        ["bad", "unreadable"],
        ["good", "finished"],
      ]);
      expect(runs[0]!.problem).toContain(`bad/${path}`);
      rmSync(bad.file(path));
      renameSync(kept, bad.file(path));
    }
    expect(await statuses(server, "bad")).toEqual(fine);
  });

  test("a link to another place of it is followed, one to nothing is a missing file", async () => {
    const { root, bad, server } = await served();
    renameSync(bad.file("saes"), join(root, "saes"));
    symlinkSync(join(root, "saes"), bad.file("saes"));
    symlinkSync(bad.path, join(root, "alias"));
    expect(await statuses(server, "bad")).toEqual(fine);
    expect(await statuses(server, "alias")).toEqual(fine);
    rmSync(bad.file("results/starts.json"));
    symlinkSync("nowhere", bad.file("results/starts.json"));
    expect(await statuses(server, "bad")).toEqual(fine);
  });

  test("links in a circle, and pipes, end nothing", async ({ skip }) => {
    const { bad, server } = await served();
    symlinkSync("loop", bad.file("results/loop"));
    expect((await statuses(server, "bad"))["run"]).toBe(403);
    rmSync(bad.file("results/loop"));
    rmSync(bad.file("metrics.jsonl"));
    if (spawnSync("mkfifo", [bad.file("metrics.jsonl")]).status !== 0) skip();
    expect((await statuses(server, "bad"))["metrics"]).toBe(403);
    expect(await statuses(server, "good")).toEqual(fine);
  });
});

test("an answer that cannot be kept is said", async () => {
  const { bad, server } = await served();
  const { json } = await server.get("/api/intruder?name=bad");
  const [{ id }] = json["sets"] as [{ id: string }];
  writeFileSync(bad.file("intruder"), "a file where a folder is to be");
  const answered = await server.post("/api/intruder", { name: "bad", id, choice: 0 });
  expect(answered.status).toBeGreaterThanOrEqual(400);
  expect(answered.json["error"]).toContain("intruder");
});

test("steering where no model is behind the rows", async () => {
  const { server } = await served();
  const body = { name: "good", member: "member-0", latent: 0, strength: 1, prompt: "a", tokens: 1 };
  const { status, json } = await server.post("/api/steer", body);
  expect([status, json["code"]]).toEqual([404, "steer/impossible"]);
  expect(json["error"]).toContain("synthetic");
});

test("a port that is taken, and who holds it", async () => {
  const other = createServer();
  await new Promise<void>((done) => other.listen(0, "127.0.0.1", done));
  const { port } = other.address() as { port: number };
  const root = temporaryFolder();
  await expect(serving(root, { port })).rejects.toMatchObject({
    code: "run/conflict",
    message: expect.stringMatching(
      process.platform === "linux"
        ? new RegExp(`^Port ${port} is taken by process ${process.pid} \\(.*node.*\\)\\.$`)
        : new RegExp(`^Port ${port} is taken`),
    ),
    hint: expect.stringContaining("--port 0"),
  });
  await new Promise((done) => other.close(done));
  expect((await serving(root, { port })).port).toBe(port);
});

test("a folder that is not there, or is a file", async () => {
  const root = temporaryFolder();
  writeFileSync(join(root, "file"), "");
  await expect(serving(join(root, "none"))).rejects.toMatchObject({ code: "file/missing" });
  await expect(serving(join(root, "file"))).rejects.toMatchObject({ code: "argument/invalid" });
});

test("a folder that is removed while it is served", async () => {
  const { root, server } = await served();
  rmSync(root, { recursive: true });
  expect((await server.get("/api/runs")).json["runs"]).toEqual([]);
  expect((await server.get("/api/run?name=good")).status).toBe(404);
});

test("truncated SAEs and evidence do not end the list", async () => {
  const { bad, server } = await served();
  truncateSync(bad.file("saes/member-0/sae_weights.safetensors"), 10);
  truncateSync(bad.file("results/features/summary.json"), 3);
  const { runs } = runsSchema.parse((await server.get("/api/runs")).json);
  expect(runs).toHaveLength(2);
});
