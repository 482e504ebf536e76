import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type FakeFetch, fakeFetch } from "../../test/support/fake-fetch.ts";
import { fakeTiming } from "../../test/support/fake-timing.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { downloadFile, type FetchContext, type FileToFetch } from "./download-file.ts";
import { HttpClient } from "./http/client.ts";

const URL_OF_FILE = new URL("https://archive.example/data/a.edf");
const CONTENT = "0123456789";
const sha = (text: string) => createHash("sha256").update(text).digest("hex");

function setting(network: FakeFetch, over: Partial<FetchContext> = {}) {
  const timing = fakeTiming();
  const restarts: string[] = [];
  let received = 0;
  const client = new HttpClient(new URL("https://archive.example/data/"), {
    timing,
    fetch: network.fetch,
    requestsPerSecond: Number.POSITIVE_INFINITY,
  });
  const context: FetchContext = {
    client,
    policy: { attempts: 3, delayMs: 1, timing, signal: undefined, onEvent: undefined },
    openFile: undefined,
    remainingBytes: () => Number.POSITIVE_INFINITY,
    onBytes: (bytes) => {
      received += bytes;
    },
    onRestart: (reason) => restarts.push(reason),
    ...over,
  };
  return { context, restarts, received: () => received };
}

const wanted = (target: string, over: Partial<FileToFetch> = {}): FileToFetch => ({
  path: "a.edf",
  url: URL_OF_FILE,
  target,
  size: undefined,
  sha256: undefined,
  ...over,
});

const place = () => join(temporaryFolder(), "below", "a.edf");

/** A part of the file as an earlier attempt left it. */
async function begun(target: string, bytes: string, etag: string): Promise<void> {
  const headers = { etag, "content-length": String(CONTENT.length) };
  const network = fakeFetch(
    new Response(bytes, { headers }),
    ...[1, 2].map(() => new Response(null, { status: 503 })),
  );
  const { context } = setting(network);
  await expect(downloadFile(wanted(target), context)).rejects.toMatchObject({
    code: "network/failed",
  });
}

const whole = (headers: Record<string, string> = {}) =>
  new Response(CONTENT, { headers: { "content-length": "10", ...headers } });
const rest = (from: number, etag: string) =>
  new Response(CONTENT.slice(from), {
    status: 206,
    headers: { "content-range": `bytes ${from}-9/10`, etag },
  });

describe("a download", () => {
  test("gets its name when it is complete, in a folder that is made for it", async () => {
    const target = place();
    const { context, received } = setting(fakeFetch(whole({ etag: '"1"' })));
    const fetched = await downloadFile(wanted(target, { sha256: sha(CONTENT) }), context);
    expect(fetched).toEqual({
      bytes: 10,
      sha256: sha(CONTENT),
      version: { etag: '"1"', bytes: 10 },
    });
    expect(readFileSync(target, "utf8")).toBe(CONTENT);
    expect(readdirSync(join(target, ".."))).toEqual(["a.edf"]);
    expect(received()).toBe(10);
  });

  test("of unknown length ends where the answer ends", async () => {
    const target = place();
    const { context } = setting(fakeFetch(new Response(CONTENT)));
    expect((await downloadFile(wanted(target), context)).bytes).toBe(10);
  });

  test("goes on where the last one stopped, if the file is the same", async () => {
    const target = place();
    await begun(target, "0123", '"1"');
    const network = fakeFetch(rest(4, '"1"'));
    const { context, received, restarts } = setting(network);
    await downloadFile(wanted(target), context);
    expect(network.requests[0]!.headers).toMatchObject({ range: "bytes=4-", "if-range": '"1"' });
    expect(readFileSync(target, "utf8")).toBe(CONTENT);
    expect([received(), restarts]).toEqual([6, []]);
  });

  test("starts over when the file has changed on the server", async () => {
    const target = place();
    await begun(target, "abcd", '"1"');
    const { context, restarts } = setting(fakeFetch(whole({ etag: '"2"' })));
    await downloadFile(wanted(target), context);
    expect(readFileSync(target, "utf8")).toBe(CONTENT);
    expect(restarts).toEqual(["it has changed on the server"]);
  });

  test("starts over when a server ignores the version that was asked for", async () => {
    const target = place();
    await begun(target, "abcd", '"1"');
    const { context, restarts } = setting(fakeFetch(rest(4, '"2"'), whole({ etag: '"2"' })));
    await downloadFile(wanted(target), context);
    expect(readFileSync(target, "utf8")).toBe(CONTENT);
    expect(restarts).toEqual(["it has changed on the server"]);
  });

  test("starts over when a server sends another part, or whole files only", async () => {
    const reasons = async (...answers: Response[]) => {
      const target = place();
      await begun(target, "0123", '"1"');
      const { context, restarts } = setting(fakeFetch(...answers));
      await downloadFile(wanted(target), context);
      expect(readFileSync(target, "utf8")).toBe(CONTENT);
      return restarts;
    };
    expect(await reasons(rest(2, '"1"'), whole({ etag: '"1"' }))).toEqual([
      "the server sent another part of it",
    ]);
    expect(await reasons(whole({ etag: '"1"' }))).toEqual(["the server sends whole files only"]);
  });

  test("does not trust a part that nothing identifies, unless a checksum is published", async () => {
    const ask = async (sha256: string | undefined) => {
      const target = place();
      // A weak ETag does not promise the same bytes.
      await begun(target, "0123", 'W/"1"');
      const network = fakeFetch(sha256 === undefined ? whole() : rest(4, ""));
      const { context } = setting(network);
      await downloadFile(wanted(target, { sha256 }), context);
      return network.requests[0]!.headers["range"];
    };
    expect(await ask(undefined)).toBeUndefined();
    expect(await ask(sha(CONTENT))).toBe("bytes=4-");
  });

  test("is complete when the server has nothing more to send", async () => {
    const target = place();
    await begun(target, "0123456", '"1"');
    writeFileSync(`${target}.part`, CONTENT);
    writeFileSync(`${target}.part.json`, '{"etag":"\\"1\\""}');
    const headers = { "content-range": "bytes */10", etag: '"1"' };
    const { context } = setting(fakeFetch(new Response(null, { status: 416, headers })));
    expect((await downloadFile(wanted(target), context)).bytes).toBe(10);
  });

  test("that has all its bytes asks nobody", async () => {
    const target = place();
    await begun(target, "0123456", '"1"');
    writeFileSync(`${target}.part`, CONTENT);
    const network = fakeFetch();
    await downloadFile(wanted(target), setting(network).context);
    expect(network.requests).toEqual([]);
    expect(readFileSync(target, "utf8")).toBe(CONTENT);
  });

  test("that breaks off is tried again, as long as it gets further", async () => {
    const target = place();
    const headers = { "content-length": "10", etag: '"1"' };
    const piece = (from: number, to: number) =>
      new Response(CONTENT.slice(from, to), {
        status: 206,
        headers: { "content-range": `bytes ${from}-9/10`, etag: '"1"' },
      });
    const network = fakeFetch(
      new Response("0", { headers }),
      ...[1, 2, 3, 4, 5, 6, 7, 8].map((from) => piece(from, from + 1)),
      piece(9, 10),
    );
    await downloadFile(wanted(target), setting(network).context);
    expect(readFileSync(target, "utf8")).toBe(CONTENT);
    expect(network.requests).toHaveLength(10);
  });
});

describe("what came is thrown away", () => {
  const refused = async (answer: Response, over: Partial<FileToFetch>, problem: string) => {
    const target = place();
    await expect(
      downloadFile(wanted(target, over), setting(fakeFetch(answer)).context),
    ).rejects.toThrow(problem);
    expect(existsSync(target)).toBe(false);
    return readdirSync(join(target, ".."));
  };

  test("when its checksum is not the published one", async () => {
    expect(await refused(whole(), { sha256: sha("other") }, "it came with SHA-256")).toEqual([]);
  });

  test("when it is not as long as listed, where that is exact", async () => {
    const size = { bytes: 11, isExact: true };
    await refused(whole(), { size }, "it came with 10 bytes where 11 are listed");
    const target = place();
    const rounded = { size: { bytes: 11, isExact: false } };
    await downloadFile(wanted(target, rounded), setting(fakeFetch(whole())).context);
    expect(existsSync(target)).toBe(true);
  });

  test("when another published checksum says so", async () => {
    const check = async (_: string, bytes: number) => `not ${bytes} good bytes`;
    expect(await refused(whole(), { check }, "not 10 good bytes")).toEqual([]);
  });

  test("when it is a web page, or compressed", async () => {
    await refused(whole({ "content-type": "text/html; charset=x" }), {}, "sends a web page");
    await refused(whole({ "content-encoding": "gzip" }), {}, "insists on sending it as gzip");
  });
});

test("more than may be received is refused, before or while it comes", async () => {
  const remainingBytes = () => 9;
  const ask = (answer: Response) => {
    const { context } = setting(fakeFetch(answer), { remainingBytes });
    return downloadFile(wanted(place()), context);
  };
  for (const answer of [whole(), new Response(CONTENT)])
    await expect(ask(answer)).rejects.toMatchObject({
      code: "format/too-large",
      hint: expect.stringContaining("--max-size"),
    });
});

test("more bytes than the file has are a fault of the server", async () => {
  const answers = [1, 2, 3].map(
    () => new Response(`${CONTENT}!`, { headers: { "content-length": "10" } }),
  );
  await expect(
    downloadFile(wanted(place()), setting(fakeFetch(...answers)).context),
  ).rejects.toThrow("the server sent more than the file has");
});
