import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { reference } from "../../test/support/backends.ts";
import { madeSae } from "../../test/support/made-sae.ts";
import { serving } from "../../test/support/serving.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { TINY_HOOK, writeTinyModel } from "../../test/support/tiny-model.ts";
import type { Steered, SteeringKind } from "../domains/steering.ts";
import { saveSae } from "../interchange/saelens.ts";
import { RunFolder } from "../runs/run-folder.ts";
import { effectsSchema, steerSchema } from "./api/steer.ts";
import { SteeringCache } from "./steerings.ts";

const NOTHING: Steered = {
  promptPieces: [],
  unsteered: { text: "", pieces: [] },
  steered: [{ text: "", pieces: [] }],
  notes: [],
};
const REQUEST = { prompt: "a", tokens: 1, changes: [] };

/** A kind of rows whose models say when they are opened, asked and closed. */
function kind(log: string[], ask: () => Promise<void> = async () => {}): SteeringKind {
  return {
    applies: () => true,
    key: ({ model }) => String(model),
    async open({ model }) {
      log.push(`open ${model}`);
      if (model === "broken") throw new Error("no such model");
      return {
        model: String(model),
        hook: "h",
        async continue() {
          log.push(`ask ${model}`);
          await ask();
          log.push(`answered ${model}`);
          return NOTHING;
        },
        effects: async () => ({ tokens: 0, crossEntropy: 0, changed: [] }),
        close: async () => void log.push(`close ${model}`),
      };
    },
  };
}

const context = { catalogue: { cacheDir: "", offline: true } };

test("two models stay open, one text is written at a time, and all are closed", async () => {
  const log: string[] = [];
  const cache = new SteeringCache(context);
  const ask = (model: string) => cache.continue(kind(log), { model }, REQUEST);
  await Promise.all(["a", "b", "a", "c"].map(ask));
  const asked = (model: string) => [`ask ${model}`, `answered ${model}`];
  expect(log).toEqual([
    "open a",
    ...asked("a"),
    "open b",
    ...asked("b"),
    ...asked("a"),
    "close b",
    "open c",
    ...asked("c"),
  ]);
  await cache.close();
  expect(log.slice(-2)).toEqual(["close a", "close c"]);
});

test("a model that does not open is tried again, and others are asked meanwhile", async () => {
  const log: string[] = [];
  const cache = new SteeringCache(context);
  const ask = (model: string) => cache.continue(kind(log), { model }, REQUEST);
  await expect(ask("broken")).rejects.toThrow("no such model");
  await ask("a");
  await expect(ask("broken")).rejects.toThrow("no such model");
  expect(log.filter((line) => line === "open broken")).toHaveLength(2);
});

test("more requests than can wait are refused", async () => {
  const cache = new SteeringCache(context);
  let release = () => {};
  const held = new Promise<void>((done) => {
    release = done;
  });
  const slow = kind([], () => held);
  const waiting = Array.from({ length: 8 }, () => cache.continue(slow, { model: "a" }, REQUEST));
  await expect(cache.continue(slow, { model: "a" }, REQUEST)).rejects.toMatchObject({
    status: 503,
    code: "server/busy",
  });
  release();
  await Promise.all(waiting);
  await cache.continue(slow, { model: "a" }, REQUEST);
});

test("a run of a model is steered over HTTP", async () => {
  const root = temporaryFolder();
  const model = join(root, "model");
  writeTinyModel(model);
  mkdirSync(join(root, "run"));
  const run = new RunFolder(join(root, "run"));
  await run.writeRecord({
    name: "run",
    status: "finished",
    createdAt: "",
    versions: {},
    backend: { name: "native", isa: "portable", threads: 1 },
    attempts: [],
    provenance: { kind: "language_model", model, hook: TINY_HOOK },
  });
  await saveSae(run.file("saes/member-0"), madeSae("m", { dIn: 24, dSae: 4 }));
  let opened = 0;
  const openBackend = () => {
    opened++;
    return reference;
  };
  const server = await serving(root, { openBackend });
  expect((await server.get("/api/run?name=run")).json["can_steer"]).toBe(true);
  const body = { name: "run", member: "member-0", latent: 1, prompt: "the ", tokens: 4 };
  const none = await server.post("/api/steer", { ...body, strength: 0 });
  expect(none.status, none.text).toBe(200);
  const answer = steerSchema.parse(none.json);
  expect(answer.steered).toEqual(answer.unsteered);
  expect(answer).toMatchObject({ model: "model", hook: TINY_HOOK, prompt: "the ", notes: [] });
  const much = steerSchema.parse(
    (await server.post("/api/steer", { ...body, strength: 500 })).json,
  );
  expect(much.unsteered).toEqual(answer.unsteered);
  expect(much.steered).not.toEqual(answer.unsteered);
  expect(opened).toBe(0);
  const change = async (body: object) =>
    steerSchema.parse((await server.post("/api/steer", body)).json);
  // A latent as often as it is stays as it is; without it, and clamped far up, the text changes.
  const scaled = await change({ ...body, change: "scale", strength: 1 });
  expect(scaled.steered).toEqual(answer.unsteered);
  const clamped = await change({ ...body, change: "clamp", strength: 500 });
  expect(clamped.steered).not.toEqual(answer.unsteered);
  expect(clamped.change).toBe("clamp");
  const text = { name: "run", member: "member-0", latent: 1, text: "the cat sat" };
  const effects = async (body: object) =>
    effectsSchema.parse((await server.post("/api/effects", body)).json);
  const added = await effects({ ...text, strengths: [0, 1, 5] });
  expect(added.effects.map(({ strength }) => strength)).toEqual([0, 1, 5]);
  expect(added.effects[0]!.kl).toBeCloseTo(0, 5);
  expect(added.effects[2]!.kl).toBeGreaterThan(added.effects[1]!.kl);
  const ablated = await effects({ ...text, change: "scale", strengths: [1, 0] });
  expect(ablated.effects[0]!.kl).toBeCloseTo(0, 5);
  expect(ablated.effects[1]!.kl).toBeGreaterThan(1e-6);
  expect(opened).toBe(1);
  for (const [change, status] of [
    [{ strengths: [] }, 400],
    [{ strengths: Array(13).fill(1) }, 400],
    [{ text: "" }, 400],
    [{ latent: 4, change: "clamp" }, 400],
    [{ member: "x" }, 404],
  ] as const) {
    const refused = await server.post("/api/effects", { ...text, strengths: [1], ...change });
    expect([change, refused.status]).toEqual([change, status]);
  }
  for (const [change, status] of [
    [{ change: "rotate" }, 400],
    [{ latent: 4, change: "scale" }, 400],
    [{ latent: 4 }, 400],
    [{ member: "../member-0" }, 404],
    [{ member: "x" }, 404],
    [{ prompt: "" }, 400],
    [{ prompt: "abcdefghijklmnop" }, 400],
    [{ tokens: 100_000 }, 400],
  ] as const) {
    const refused = await server.post("/api/steer", { ...body, strength: 1, ...change });
    expect([change, refused.status]).toEqual([change, status]);
  }
});
