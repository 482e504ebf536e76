import { appendFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { fakeTiming } from "../../../test/support/fake-timing.ts";
import {
  type S3Server,
  type S3ServerOptions,
  startS3Server,
} from "../../../test/support/s3-server.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { S3Bucket } from "../s3/bucket.ts";
import { parseS3Location, type S3Account } from "../s3/location.ts";
import { openObjectStore } from "./object-store.ts";
import { StoredFolder } from "./stored-folder.ts";

let server: S3Server;
let here: string;
let there: string;

async function start(options: S3ServerOptions = {}): Promise<void> {
  await server?.close();
  server = await startS3Server({ now: () => new Date(Date.UTC(2026, 0, 1)), ...options });
}

function bucket(
  account: Partial<S3Account> = {},
  location = "s3://lab/mfr",
  timing = fakeTiming(),
) {
  const given = {
    endpoint: new URL(server.url),
    region: "eu-1",
    accessKeyId: "key",
    secretAccessKey: "secret",
    ...account,
  };
  return S3Bucket.open(parseS3Location(location), given, { timing, partBytes: 1000, attempts: 4 });
}

const folder = async () =>
  new StoredFolder(await openObjectStore(await bucket()), "runs/a", "run.json");

beforeEach(async () => {
  await start();
  [here, there] = [await temporaryFolder(), await temporaryFolder()];
  await mkdir(join(here, "saes"));
  await writeFile(join(here, "run.json"), "{}");
  await writeFile(join(here, "saes", "w.bin"), Buffer.alloc(3500, "abcdefg"));
  await writeFile(join(here, "metrics.jsonl"), "1\n");
});
afterEach(() => server.close());

describe("a folder in a store", () => {
  test("comes back as it was, large files in parts, the last file last", async () => {
    const writer = await folder();
    await writer.claim("a 1");
    await writeFile(join(here, "writer.lock"), "x");
    const { files, attempt } = await writer.publish(here);
    expect([attempt, ...files.map(({ path }) => path)]).toEqual([
      1,
      "metrics.jsonl",
      "saes/w.bin",
      "run.json",
    ]);
    expect(server.requests.filter((r) => r.startsWith("PUT") && r.endsWith("?"))).toHaveLength(4);
    await writeFile(join(there, "stale.json"), "old");
    await (await folder()).pull(there);
    expect(await readFile(join(there, "saes", "w.bin"))).toEqual(Buffer.alloc(3500, "abcdefg"));
    await expect(readFile(join(there, "stale.json"))).rejects.toThrow("ENOENT");
    await expect(readFile(join(there, "writer.lock"))).rejects.toThrow("ENOENT");
  });

  test("sends changed files only, and removes objects that the manifest does not name any more", async () => {
    const writer = await folder();
    await writer.claim("a 1");
    await writer.publish(here);
    await appendFile(join(here, "metrics.jsonl"), "2\n");
    await rm(join(here, "saes", "w.bin"));
    const before = server.requests.length;
    await writer.publish(here);
    const sent = server.requests.slice(before).filter((r) => /^(PUT|DELETE)/.test(r));
    expect(sent.map((r) => r.replace(/-[0-9a-f]{64}/, ""))).toEqual([
      "PUT mfr/runs/a/files/1",
      "PUT mfr/runs/a/manifest.json",
      "DELETE mfr/runs/a/files/1",
      "DELETE mfr/runs/a/files/1",
    ]);
    expect(server.objects.size).toBe(4);
  });

  test("is not there before it is published", async () => {
    expect(await (await folder()).pull(there)).toBeUndefined();
  });

  test("with changed bytes is refused by name", async () => {
    const writer = await folder();
    await writer.claim("a 1");
    const { files } = await writer.publish(here);
    const { object } = files.find(({ path }) => path === "saes/w.bin")!;
    server.objects.get(`mfr/runs/a/${object}`)![7] = 0;
    await expect((await folder()).pull(there)).rejects.toThrow(
      /files\/1-[0-9a-f]+: it came with SHA-256/,
    );
  });

  test.each(["../x", "/x", "a//b", "a/../b", "c:x"])("with a file %s is refused", async (path) => {
    const writer = await folder();
    await writer.claim("a 1");
    const key = "mfr/runs/a/manifest.json";
    const sum = "0".repeat(64);
    const file = { path, bytes: 1, sha256: sum, object: `files/1-${sum}` };
    const text = JSON.parse(server.objects.get(key)!.toString());
    server.objects.set(key, Buffer.from(JSON.stringify({ ...text, files: [file] })));
    await expect((await folder()).pull(there)).rejects.toThrow("must stay within the folder");
  });
});

describe.each([false, true])(
  "a late writer (server ignores conditions: %s)",
  (ignoresConditions) => {
    beforeEach(() => start({ ignoresConditions }));

    test("changes nothing after another has claimed the folder", async () => {
      const [first, second] = [await folder(), await folder()];
      await first.claim("a 1");
      await first.publish(here);
      expect((await second.claim("b 2")).attempt).toBe(2);
      await writeFile(join(here, "metrics.jsonl"), "late\n");
      const objects = () => [...server.objects].filter(([key]) => !/files\/1-/.test(key));
      const before = objects();
      await expect(first.publish(here)).rejects.toThrow(
        "belongs to attempt 2 (b 2): attempt 1 came too late",
      );
      expect(objects()).toEqual(before);
      await second.pull(there);
      expect(await readFile(join(there, "metrics.jsonl"), "utf8")).toBe("1\n");
    });
  },
);

test("a claim between reading and writing is noticed by the server", async () => {
  const [first, second] = [await folder(), await folder()];
  await first.claim("a 1");
  const key = "mfr/runs/a/manifest.json";
  server.beforeManifest(() => {
    const text = server.objects.get(key)!.toString();
    server.objects.set(key, Buffer.from(text.replace('"attempt": 1', '"attempt": 7')));
  });
  await expect(second.claim("b 2")).rejects.toMatchObject({ code: "run/conflict" });
});

describe("a server", () => {
  test("that takes no writes for a while is waited for", async () => {
    const timing = fakeTiming();
    const store = await openObjectStore(await bucket({}, "s3://lab", timing));
    const writer = new StoredFolder(store, "runs/a", "run.json");
    await writer.claim("a 1");
    server.refuseWrites(3);
    await writer.publish(here);
    expect(timing.sleeps).toEqual([1000, 2000, 4000]);
  });

  test("that takes none for longer is given up with one line", async () => {
    const writer = await folder();
    server.refuseWrites(100);
    await expect(writer.claim("a 1")).rejects.toMatchObject({
      code: "network/failed",
      message: "Cannot write runs/a/manifest.json in s3://lab/mfr: the server answered HTTP 503.",
    });
  });

  test("whose answer is lost has written all the same", async () => {
    const writer = await folder();
    server.loseAnswerTo("manifest.json");
    expect((await writer.claim("a 1")).attempt).toBe(1);
  });

  test("that ignores conditions is told of", async () => {
    expect((await openObjectStore(await bucket())).notices).toEqual([]);
    await start({ ignoresConditions: true });
    expect((await openObjectStore(await bucket())).notices).toEqual([
      expect.stringContaining("s3://lab/mfr does not compare before it writes (If-Match)"),
    ]);
  });

  test.each([
    [{ accessKeyId: "other" }, "s3://lab", "it does not know the access key", "AWS_ACCESS_KEY_ID"],
    [{ secretAccessKey: "other" }, "s3://lab", "the secret key is wrong", "AWS_SECRET_ACCESS_KEY"],
    [{}, "s3://lba", "the bucket does not exist", "Create the bucket"],
  ])("refuses in words (%#)", async (account, location, problem, hint) => {
    await expect(openObjectStore(await bucket(account, location))).rejects.toMatchObject({
      message: expect.stringContaining(`in ${location}: ${problem}`),
      hint: expect.stringContaining(hint),
    });
  });

  test("with another clock says by how much", async () => {
    await start({ now: () => new Date(Date.UTC(2026, 0, 1, 1)) });
    await expect(openObjectStore(await bucket())).rejects.toThrow(
      "this machine's clock differs from the store's by 3600 s: it is behind.",
    );
  });

  test("that is not there is named", async () => {
    const closed = await bucket({ endpoint: new URL("http://127.0.0.1:9") });
    await expect(openObjectStore(closed)).rejects.toThrow(/^Cannot read concord-store.json in s3:/);
  });

  test("never shows a secret", async () => {
    const failing = openObjectStore(await bucket({ secretAccessKey: "hidden-word" }));
    const error = await failing.catch((e: unknown) => e);
    expect(JSON.stringify([error, String((error as Error).stack)])).not.toContain("hidden-word");
  });
});

test("a store that is something else is refused", async () => {
  server.objects.set("mfr/concord-store.json", Buffer.from("{}"));
  await expect(openObjectStore(await bucket())).rejects.toThrow("it is not the marker of a store");
  server.objects.set(
    "mfr/concord-store.json",
    Buffer.from('{"format":"concord-store","version":2}'),
  );
  await expect(openObjectStore(await bucket())).rejects.toThrow("is a store of version 2");
});
