import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { fakeFetch } from "../../test/support/fake-fetch.ts";
import { fakeTiming } from "../../test/support/fake-timing.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { checksumOf, parseSha256Sums, publishedSums, sha256Of } from "./checksums.ts";
import { HttpClient } from "./http/client.ts";

test("sums are read with one space as PhysioNet writes them, or two, or an asterisk", () => {
  const [a, b, c] = ["a", "b", "C"].map((digit) => digit.repeat(64));
  const text = `${a} S001/S001R01.edf\r\n${b}  ./with space.edf\n${c} *bin\n\nnot a sum\n${a}x y\n`;
  expect([...parseSha256Sums(text)]).toEqual([
    ["S001/S001R01.edf", a],
    ["with space.edf", b],
    ["bin", "c".repeat(64)],
  ]);
});

test("checksums of a file are those of sha256sum and git, and a missing file is missing", async () => {
  const path = join(temporaryFolder(), "a.txt");
  writeFileSync(path, "hello\n");
  expect(await sha256Of(path)).toBe(
    "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03",
  );
  // Of a blob, git hashes its type and length before its bytes.
  expect(await checksumOf(path, "sha1", "hex", "blob 6\0")).toBe(
    "ce013625030ba8dba906f756967f9e9ca394464a",
  );
  await expect(sha256Of(`${path}.not`)).rejects.toMatchObject({ code: "file/missing" });
});

describe("what an archive publishes", () => {
  const url = new URL("https://archive.example/SHA256SUMS.txt");
  const sums = (answer: Response) => {
    const timing = fakeTiming();
    const client = new HttpClient(new URL(url.origin), {
      timing,
      fetch: fakeFetch(answer).fetch,
    });
    const policy = { attempts: 1, delayMs: 1, timing, signal: undefined, onEvent: undefined };
    return publishedSums(client, url, policy);
  };

  test("are its sums, and nothing where it has no such file", async () => {
    const text = `${"a".repeat(64)} x.edf\n`;
    expect(await sums(new Response(text))).toEqual(new Map([["x.edf", "a".repeat(64)]]));
    expect(await sums(new Response(null, { status: 404 }))).toBeUndefined();
  });

  test("is not nothing when the server fails", async () => {
    await expect(sums(new Response(null, { status: 500 }))).rejects.toMatchObject({
      code: "network/failed",
    });
  });
});
