/** Large files of the hub lie elsewhere: it says their size and checksum, and redirects. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { downloadHubFile } from "./hub-file.ts";

const CONTENT = Buffer.from("weights".repeat(1000));

async function serve(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<string> {
  const server: Server = createServer(answer);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A hub that redirects to a server of bytes. @returns What was sent to each. */
async function redirectingHub(etag: string, etagOfBytes: () => string) {
  const seen: { at: "hub" | "bytes"; authorization: string | undefined; url: string }[] = [];
  const bytes = await serve((request, response) => {
    const { authorization, range } = request.headers;
    seen.push({ at: "bytes", authorization, url: request.url! });
    const from = Number(/bytes=(\d+)-/.exec(range ?? "")?.[1] ?? 0);
    response.writeHead(range === undefined ? 200 : 206, {
      ETag: etagOfBytes(),
      "Content-Length": CONTENT.byteLength - from,
      ...(range && {
        "Content-Range": `bytes ${from}-${CONTENT.byteLength - 1}/${CONTENT.byteLength}`,
      }),
    });
    response.end(CONTENT.subarray(from));
  });
  const hub = await serve((request, response) => {
    seen.push({ at: "hub", authorization: request.headers.authorization, url: request.url! });
    if (request.url!.startsWith("/old/")) {
      const moved = request.url!.replace("/old/", "/new/");
      return void response.writeHead(307, { Location: moved }).end();
    }
    const headers = {
      Location: `${bytes}/blob?signed`,
      "X-Linked-Size": String(CONTENT.byteLength),
      "X-Linked-ETag": `"${etag}"`,
    };
    response.writeHead(302, headers).end();
  });
  return { hub, seen };
}

const SHA256 = createHash("sha256").update(CONTENT).digest("hex");
const REPOSITORY = { id: "old/model", revision: "main" };

test("the token goes to the hub alone, whatever it redirects to, also of a model that was renamed", async () => {
  const { hub, seen } = await redirectingHub(SHA256, () => '"of-the-bytes"');
  const target = join(temporaryFolder(), "model.safetensors");
  const progress: number[] = [];
  const options = {
    cacheDir: ".",
    hubUrl: `${hub}/`,
    accessToken: "hf_secret",
    onProgress: ({
      doneBytes,
      totalBytes,
    }: {
      doneBytes: number;
      totalBytes: number | undefined;
    }) => {
      expect(totalBytes).toBe(CONTENT.byteLength);
      progress.push(doneBytes);
    },
  };
  expect(await downloadHubFile(REPOSITORY, "model.safetensors", target, options)).toBe(true);
  expect(readFileSync(target)).toEqual(CONTENT);
  expect(progress.at(-1)).toBe(CONTENT.byteLength);
  const tokens = (at: string) => seen.filter((s) => s.at === at).map((s) => s.authorization);
  expect(new Set(tokens("hub"))).toEqual(new Set(["Bearer hf_secret"]));
  expect(new Set(tokens("bytes"))).toEqual(new Set([undefined]));
  expect(seen[0]!.url).toBe("/old/model/resolve/main/model.safetensors");
});

test("bytes that are not what the hub says are thrown away", async () => {
  const { hub } = await redirectingHub("0".repeat(64), () => '"x"');
  const target = join(temporaryFolder(), "model.safetensors");
  await expect(
    downloadHubFile(REPOSITORY, "model.safetensors", target, { cacheDir: ".", hubUrl: hub }),
  ).rejects.toThrow("old/model/model.safetensors arrived with a wrong checksum");
});

test("a token that no header can carry is refused without being shown", async () => {
  const { hub } = await redirectingHub(SHA256, () => '"x"');
  const options = { cacheDir: ".", hubUrl: hub, accessToken: "hf\nsecret" };
  const error = await downloadHubFile(REPOSITORY, "a", "a", options).catch((e: Error) => e);
  expect(String(error)).toMatch(/access token without spaces/);
  expect(String(error)).not.toContain("secret");
});
