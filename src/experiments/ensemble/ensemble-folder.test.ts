import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { reference } from "../../../test/support/backends.ts";
import { madeSae } from "../../../test/support/made-sae.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { loadSae, readSaeMetadata } from "../../interchange/saelens.ts";
import { bagOf, boostOf, type Ensemble } from "../../sae/ensemble.ts";
import type { Sae } from "../../sae/sae.ts";
import { readEnsemble, requireFreeOutput, writeEnsemble } from "./ensemble-folder.ts";

const topk = ["a", "b", "c"].map((name) => madeSae(name));
const relu = topk.map(
  (sae): Sae => ({ ...sae, architecture: "relu", selection: { kind: "relu" } }),
);

const origins = (n: number) =>
  Array.from({ length: n }, (_, j) => ({ name: `sae-${j}`, folder: `/elsewhere/${j}` }));

async function written(ensemble: Ensemble, out = join(temporaryFolder(), "out")) {
  return {
    out,
    ...(await writeEnsemble(reference, out, ensemble, origins(ensemble.members.length))),
  };
}

describe("an ensemble's folder", () => {
  test("says what it is, and holds every member", async () => {
    const { out, file, differences } = await written(bagOf(topk));
    expect(file).toMatchObject({ kind: "bag", d_in: 6, d_sae: 24, k: 6, sae: null });
    expect(file.no_sae).toMatch(/\S/);
    expect(file.members.map((m) => [m.folder, m.name, m.of, m.weight])).toEqual(
      [0, 1, 2].map((j) => [`members/member-${j}`, `sae-${j}`, `/elsewhere/${j}`, 1 / 3]),
    );
    expect(JSON.parse(readFileSync(join(out, "ensemble.json"), "utf8"))).toEqual(file);
    expect(differences).toEqual([]);
    for (const [j, sae] of topk.entries()) {
      const folder = join(out, "members", `member-${j}`);
      expect((await loadSae(reference, folder)).decoder).toEqual(sae.decoder);
      expect(existsSync(join(folder, "probe.safetensors"))).toBe(true);
      expect(await readSaeMetadata(folder)).toMatchObject({
        ensemble: { kind: "bag", member: j, of: `/elsewhere/${j}` },
      });
    }
  });

  test("is read as it was written, weights included", async () => {
    for (const made of [bagOf(topk), boostOf(topk)]) {
      const { out, file } = await written(made);
      const read = await readEnsemble(reference, out);
      expect(read.file).toEqual(file);
      expect(read.ensemble.kind).toBe(made.kind);
      expect(read.ensemble.members.map((m) => m.weight)).toEqual(made.members.map((m) => m.weight));
      expect(read.ensemble.members.map((m) => m.sae.decoder)).toEqual(topk.map((s) => s.decoder));
    }
  });

  test("has one SAE where a bag is one, and it says of which", async () => {
    const { out, file } = await written(bagOf(relu));
    expect(file).toMatchObject({ sae: "sae", no_sae: null, k: null });
    const one = await loadSae(reference, join(out, "sae"));
    expect([one.dSae, one.dIn]).toEqual([24, 6]);
    expect(await readSaeMetadata(join(out, "sae"))).toMatchObject({
      ensemble: { kind: "bag", of: ["/elsewhere/0", "/elsewhere/1", "/elsewhere/2"] },
    });
  });

  test("has no number of active latents where one member has none", async () => {
    const { file } = await written(bagOf([topk[0]!, relu[1]!]));
    expect(file.k).toBeNull();
    expect(file.members.map((m) => m.k)).toEqual([2, null]);
  });

  test("that held a larger ensemble keeps nothing of it, and all that is not its own", async () => {
    const { out } = await written(bagOf(relu));
    writeFileSync(join(out, "notes.txt"), "mine");
    await written(bagOf(topk.slice(0, 2)), out);
    expect(readdirSync(join(out, "members"))).toEqual(["member-0", "member-1"]);
    expect(existsSync(join(out, "sae"))).toBe(false);
    expect(readFileSync(join(out, "notes.txt"), "utf8")).toBe("mine");
  });

  test("tells what SAELens makes of members that keep negative activations, once", async () => {
    const signed = topk.map(
      (sae): Sae => ({ ...sae, selection: { kind: "topk", k: 2, relu: false } }),
    );
    const { differences } = await written(bagOf(signed));
    expect(differences).toHaveLength(1);
    expect(differences[0]).toContain("SAELens sets negative activations to zero");
  });
});

describe("a folder that an ensemble cannot be written to", () => {
  test("is one of its members', or one above", () => {
    expect(() => requireFreeOutput("out", ["out"])).toThrow("out is in out");
    expect(() => requireFreeOutput("out", ["a", "out/members/member-0"])).toThrow(
      "out/members/member-0 is in out, which the ensemble would replace.",
    );
    expect(() => requireFreeOutput("out/../out/", ["./out/x"])).toThrow("would replace");
  });

  test("is not one whose name begins alike, nor one below", () => {
    expect(() => requireFreeOutput("out", ["out-2", "outer/a"])).not.toThrow();
    expect(() => requireFreeOutput("runs/a/ensemble", ["runs/a"])).not.toThrow();
  });
});

describe("a folder is refused", () => {
  async function changed(change: (file: Record<string, unknown>) => unknown): Promise<string> {
    const { out, file } = await written(bagOf(topk));
    writeFileSync(join(out, "ensemble.json"), JSON.stringify(change({ ...file })));
    return out;
  }

  test.each([
    ["of another format", (f: object) => ({ ...f, format: 2 }), "format: expected 1"],
    ["of another kind", (f: object) => ({ ...f, kind: "sum" }), "kind: expected one of bag, boost"],
    ["without members", (f: object) => ({ ...f, members: [] }), "members: expected a list of at"],
    ["that is a list", () => [], "the file: expected a mapping"],
    [
      "whose members have another shape",
      (f: Record<string, unknown>) => ({
        ...f,
        members: (f["members"] as object[]).map((m) => ({ ...m, d_sae: 9 })),
      }),
      "members/member-0 is [8, 6] where [9, 6] is expected.",
    ],
    [
      "whose weights are others than those of its kind",
      (f: Record<string, unknown>) => ({
        ...f,
        members: (f["members"] as object[]).map((m, j) => ({ ...m, weight: j === 1 ? 2 : 1 / 3 })),
      }),
      "members.1.weight: expected 0.3333333333333333, as the members of a bag make it, but found 2.",
    ],
    [
      "whose d_sae is not that of its members together",
      (f: object) => ({ ...f, d_sae: 25 }),
      "d_sae: expected 24, as the members of a bag make it, but found 25.",
    ],
  ])("%s", async (_, change, message) => {
    const out = await changed(change);
    await expect(readEnsemble(reference, out)).rejects.toThrow(message);
    await expect(readEnsemble(reference, out)).rejects.toThrow(join(out, "ensemble.json"));
  });

  test("without an ensemble, or with one that is not JSON", async () => {
    const folder = temporaryFolder();
    await expect(readEnsemble(reference, folder)).rejects.toMatchObject({ code: "file/missing" });
    writeFileSync(join(folder, "ensemble.json"), "{");
    await expect(readEnsemble(reference, folder)).rejects.toThrow("not JSON");
  });
});
