/**
 * @file A local server that answers as the Hugging Face hub does: files at
 *   `/{org}/{name}/resolve/{revision}/{file}`, with byte ranges and checksums as etags. Lists at
 *   `/api/models/{org}/{name}/tree/{revision}/{folder}`, in pages of two. `X-Error-Code` says what
 *   is not there. Paths of datasets begin with `datasets/`. It can break connections and misbehave
 *   on demand.
 */

import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface FakeHub {
  readonly url: string;
  /** Every request for content: path and byte range, probes of one byte left out. */
  readonly requests: { readonly path: string; readonly range: string | undefined }[];
  /** Folders that were listed, a page each. */
  readonly listings: readonly string[];
  /** Bytes of content sent in all. */
  sentBytes(): number;
  /** The next response with a body breaks off after so many bytes; once for each call. */
  breakAfter(bytes: number): void;
  /** Ignore `Range` from now on, as a careless proxy does. */
  ignoreRanges(): void;
  /** Change one byte in what is sent, once. */
  corruptOnce(): void;
  close(): Promise<void>;
}

/** Large files of the hub have their SHA-256 as etag, small ones git's blob SHA-1. */
function etagOf(content: Uint8Array, large: boolean): string {
  if (large) return createHash("sha256").update(content).digest("hex");
  return createHash("sha1").update(`blob ${content.byteLength}\0`).update(content).digest("hex");
}

/** Names per page of a listing. */
const PAGE = 2;

/** What a folder of a repository holds, as the hub's API says it. */
function listing(files: ReadonlyMap<string, Uint8Array>, repository: string, inside: string) {
  const folder = inside === "" ? repository : `${repository}/${inside}`;
  const found = new Map<string, { type: "file" | "directory"; size: number }>();
  for (const [key, { byteLength }] of files) {
    if (!key.startsWith(`${folder}/`)) continue;
    const [name, ...below] = key.slice(folder.length + 1).split("/");
    found.set(
      name!,
      below.length > 0 ? { type: "directory", size: 0 } : { type: "file", size: byteLength },
    );
  }
  return Array.from(found, ([name, entry]) => ({
    ...entry,
    path: inside === "" ? name : `${inside}/${name}`,
  }));
}

/** @param files Content by `org/name/file`, of datasets by `datasets/org/name/file`. */
export async function startFakeHub(files: ReadonlyMap<string, Uint8Array>): Promise<FakeHub> {
  const requests: { path: string; range: string | undefined }[] = [];
  const listings: string[] = [];
  const breaks: number[] = [];
  let ranges = true;
  let corrupt = false;
  let sent = 0;
  const repositories = new Set(
    [...files.keys()].map((key) => /^(datasets\/)?[^/]+\/[^/]+/.exec(key)![0]),
  );

  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://hub");
    const isListing = pathname.startsWith("/api/");
    const place = isListing ? pathname.replace(/^\/api(\/models)?/, "") : pathname;
    const [, kind = "", inKind] = /^\/(datasets\/)?(.*)$/.exec(place)!;
    const [org, name, , , ...rest] = inKind!.split("/").map(decodeURIComponent);
    const repository = `${kind}${org}/${name}`;
    const path = `${repository}/${rest.join("/")}`;
    if (!repositories.has(repository)) {
      response
        .writeHead(401, { "X-Error-Code": "RepoNotFound" })
        .end("Invalid username or password.");
      return;
    }
    if (isListing) {
      const entries = listing(files, repository, rest.join("/").replace(/\/$/, ""));
      const from = Number(searchParams.get("cursor") ?? 0);
      const next = `<${pathname}?cursor=${from + PAGE}>; rel="next"`;
      listings.push(path);
      if (entries.length === 0)
        return void response.writeHead(404, { "X-Error-Code": "EntryNotFound" }).end("[]");
      response.writeHead(200, from + PAGE < entries.length ? { Link: next } : {});
      return void response.end(JSON.stringify(entries.slice(from, from + PAGE)));
    }
    const content = files.get(path);
    if (!content) {
      response.writeHead(404, { "X-Error-Code": "EntryNotFound" }).end("Entry not found");
      return;
    }
    const asked = request.headers.range;
    const [, from = "0", to = ""] = /^bytes=(\d+)-(\d*)$/.exec(asked ?? "") ?? [];
    const probe = asked === "bytes=0-0";
    const partial = asked !== undefined && (ranges || probe);
    const end = partial && to !== "" ? Number(to) + 1 : content.byteLength;
    const body = Buffer.from(content.subarray(partial ? Number(from) : 0, end));
    const large = path.endsWith(".safetensors");
    response.writeHead(partial ? 206 : 200, {
      [large ? "X-Linked-ETag" : "ETag"]: `"${etagOf(content, large)}"`,
      ...(large ? { ETag: '"something-else"' } : {}),
      "Content-Length": body.byteLength,
      ...(partial ? { "Content-Range": `bytes ${from}-${end - 1}/${content.byteLength}` } : {}),
    });
    if (probe) {
      response.end(body);
      return;
    }
    requests.push({ path, range: asked });
    if (corrupt) {
      body[body.byteLength - 1]! ^= 1;
      corrupt = false;
    }
    const breakAt = breaks.shift();
    if (breakAt === undefined || breakAt >= body.byteLength) {
      sent += body.byteLength;
      response.end(body);
      return;
    }
    sent += breakAt;
    // A client loses what it has not read when the connection ends, so it gets time to read.
    response.write(body.subarray(0, breakAt), () => setTimeout(() => response.destroy(), 250));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    listings,
    sentBytes: () => sent,
    breakAfter: (bytes) => breaks.push(bytes),
    ignoreRanges: () => {
      ranges = false;
    },
    corruptOnce: () => {
      corrupt = true;
    },
    close: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
}
