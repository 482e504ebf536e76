/**
 * @file A local server that behaves as archives of recordings do: directory pages as Apache (plain
 *   columns or a table) and nginx make them, basic authentication, byte ranges with `If-Range`; and
 *   that breaks, stalls, fails, redirects and lies on demand.
 */

import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type ListingStyle = "nginx" | "apache" | "apache-table";

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly range: string | undefined;
  readonly ifRange: string | undefined;
  readonly authorization: string | undefined;
}

export interface FakeArchive {
  /** The dataset's folder; ends with a slash. */
  readonly url: string;
  readonly requests: SeenRequest[];
  /** Requests for one file. */
  requestsFor(path: string): SeenRequest[];
  /** Bytes of files sent. */
  sentBytes(): number;
  /** The next body of a file breaks off after so many bytes; once for each call. */
  breakAfter(bytes: number): void;
  /** The next body of a file stops after so many bytes without an end; once for each call. */
  stallAfter(bytes: number): void;
  /** The next requests are answered so; once for each call. */
  answerWith(status: number, headers?: Readonly<Record<string, string>>): void;
  /** Another content for a file, or none. */
  change(path: string, content: Uint8Array | undefined): void;
  /** Requests for a path are redirected. */
  redirect(path: string, location: string): void;
  /** Raw HTML that a folder's page ends with. */
  addHtml(folder: string, html: string): void;
  /** Runs once, before the next file is sent. */
  beforeNextFile(action: () => void): void;
  readonly quirks: {
    /** Ignore `Range`. */
    noRanges: boolean;
    /** Ignore `If-Range`: go on with whatever the file is now. */
    noIfRange: boolean;
    /** Send neither `ETag` nor `Last-Modified`. */
    noValidators: boolean;
    /** Send no `Content-Length`. */
    chunked: boolean;
    /** Any path that is not known is a folder that holds `loop/` and one file. */
    endless: boolean;
    /** Content type of files. */
    fileType: string;
    /** Content encoding of files, claimed only. */
    encoding: string | undefined;
  };
  close(): Promise<void>;
}

const DATE = "Wed, 09 Sep 2009 00:00:00 GMT";

/** Sizes as Apache shortens them. */
function shortSize(bytes: number): string {
  if (bytes < 973) return `${bytes}`;
  const [value, unit] = bytes < 973 * 1024 ? [bytes / 1024, "K"] : [bytes / 2 ** 20, "M"];
  return value < 9.95 ? `${value.toFixed(1)}${unit}` : `${Math.round(value)}${unit}`;
}

function page(
  style: ListingStyle,
  folder: string,
  entries: Map<string, number | undefined>,
): string {
  const link = (name: string) =>
    `<a href="${encodeURIComponent(name.replace(/\/$/, ""))}${name.endsWith("/") ? "/" : ""}">${name}</a>`;
  const rows = [...entries].map(([name, bytes]) => {
    if (style === "nginx")
      return `${link(name)}${" ".repeat(Math.max(1, 51 - name.length))}09-Sep-2009 00:00 ${String(bytes ?? "-").padStart(19)}`;
    const size = bytes === undefined ? "  - " : shortSize(bytes);
    if (style === "apache")
      return `<img src="/icons/unknown.gif" alt="[   ]"> ${link(name)}  2023-01-02 03:04  ${size}  `;
    return `<tr><td valign="top"><img src="/icons/unknown.gif" alt="[   ]"></td><td>${link(name)}</td><td align="right">2023-01-02 03:04  </td><td align="right">${size}</td><td>&nbsp;</td></tr>`;
  });
  if (style === "nginx")
    return `<html>\n<head><title>Index of ${folder}</title></head>\n<body>\n<h1>Index of ${folder}</h1><hr><pre><a href="../">../</a>\n${rows.join("\n")}\n</pre><hr>`;
  const sorts = `<a href="?C=N;O=D">Name</a> <a href="?C=M;O=A">Last modified</a> <a href="?C=S;O=A">Size</a>`;
  const parent = `<a href="${folder.replace(/[^/]+\/$/, "")}">Parent Directory</a>`;
  const body =
    style === "apache"
      ? `<pre>${sorts}<hr>${parent}   -\n${rows.join("\n")}\n<hr></pre>`
      : `<table><tr><th>${sorts}</th></tr><tr><td>${parent}</td><td>&nbsp;</td><td align="right">  - </td></tr>\n${rows.join("\n")}\n</table>`;
  return `<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 3.2 Final//EN">\n<html><head><title>Index of ${folder}</title><script>document.write("<a href='script'>x</a>")</script></head>\n<body><!-- <a href="comment">x</a> --><h1>Index of ${folder}</h1>\n${body}\n<address>Apache/2.4 Server</address>`;
}

/**
 * @param files       Content by path within the dataset.
 * @param credentials `user:password` that every request must carry; none when left out.
 */
export async function startFakeArchive(
  files: Readonly<Record<string, Uint8Array>>,
  options: {
    readonly style?: ListingStyle;
    readonly credentials?: string;
    readonly root?: string;
  } = {},
): Promise<FakeArchive> {
  const { style = "nginx", credentials, root = "/data/set/v1/" } = options;
  const contents = new Map(Object.entries(files));
  const requests: SeenRequest[] = [];
  const endings: { readonly after: number; readonly how: "break" | "stall" }[] = [];
  const answers: { readonly status: number; readonly headers: Readonly<Record<string, string>> }[] =
    [];
  const redirects = new Map<string, string>();
  const extra = new Map<string, string>();
  const before: (() => void)[] = [];
  let sent = 0;
  const quirks: FakeArchive["quirks"] = {
    noRanges: false,
    noIfRange: false,
    noValidators: false,
    chunked: false,
    endless: false,
    fileType: "application/octet-stream",
    encoding: undefined,
  };

  function entriesOf(folder: string): Map<string, number | undefined> | undefined {
    const entries = new Map<string, number | undefined>();
    for (const [path, content] of contents) {
      if (!path.startsWith(folder)) continue;
      const [name, ...rest] = path.slice(folder.length).split("/");
      if (rest.length > 0) entries.set(`${name}/`, undefined);
      else entries.set(name!, content.byteLength);
    }
    if (entries.size > 0) return entries;
    if (extra.has(folder)) return entries;
    return quirks.endless
      ? new Map([
          ["loop/", undefined],
          ["file.edf", 3],
        ])
      : undefined;
  }

  function sendFile(request: IncomingMessage, response: ServerResponse, content: Uint8Array): void {
    const etag = `"${createHash("sha1").update(content).digest("hex").slice(0, 16)}"`;
    const { range, "if-range": ifRange } = request.headers;
    const isFresh = ifRange === undefined || quirks.noIfRange || ifRange === etag;
    const [, from] = (!quirks.noRanges && isFresh && /^bytes=(\d+)-$/.exec(range ?? "")) || [];
    const start = Number(from ?? 0);
    const validators = quirks.noValidators ? {} : { ETag: etag, "Last-Modified": DATE };
    if (from !== undefined && start >= content.byteLength) {
      response
        .writeHead(416, { "Content-Range": `bytes */${content.byteLength}`, ...validators })
        .end();
      return;
    }
    const body = content.subarray(start);
    response.writeHead(from === undefined ? 200 : 206, {
      ...validators,
      "Content-Type": quirks.fileType,
      ...(quirks.chunked ? {} : { "Content-Length": body.byteLength }),
      ...(quirks.encoding === undefined ? {} : { "Content-Encoding": quirks.encoding }),
      ...(from === undefined
        ? {}
        : { "Content-Range": `bytes ${start}-${content.byteLength - 1}/${content.byteLength}` }),
    });
    const ending = request.method === "HEAD" ? undefined : endings.shift();
    if (ending === undefined || ending.after >= body.byteLength) {
      sent += body.byteLength;
      response.end(body);
      return;
    }
    sent += ending.after;
    response.write(body.subarray(0, ending.after), () => {
      if (ending.how === "break") setTimeout(() => response.destroy(), 250);
    });
  }

  const server = createServer((request, response) => {
    const path = (request.url ?? "").split("?")[0]!;
    const { range, "if-range": ifRange, authorization } = request.headers;
    requests.push({
      method: request.method!,
      path,
      range,
      ifRange: ifRange as string | undefined,
      authorization,
    });
    const planned = answers.shift();
    if (planned) return void response.writeHead(planned.status, planned.headers).end("Sorry.");
    const expected = credentials && `Basic ${Buffer.from(credentials).toString("base64")}`;
    if (expected !== undefined && authorization !== expected)
      return void response.writeHead(401, { "WWW-Authenticate": 'Basic realm="archive"' }).end();
    const relative = path.startsWith(root)
      ? decodeURIComponent(path.slice(root.length))
      : undefined;
    const location = redirects.get(relative ?? path);
    if (location) return void response.writeHead(302, { Location: location }).end();
    const content = contents.get(relative ?? "");
    if (relative !== undefined && content !== undefined) {
      before.shift()?.();
      return sendFile(request, response, contents.get(relative) ?? content);
    }
    const isFolder = relative !== undefined && (relative === "" || relative.endsWith("/"));
    const entries = isFolder ? entriesOf(relative) : undefined;
    if (entries === undefined)
      return void response
        .writeHead(404, { "Content-Type": "text/html" })
        .end("<h1>Not Found</h1>");
    const html = page(style, path, entries) + (extra.get(relative!) ?? "");
    response.writeHead(200, { "Content-Type": "text/html;charset=UTF-8" }).end(html);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${root}`,
    requests,
    requestsFor: (path) => requests.filter((request) => request.path === root + path),
    sentBytes: () => sent,
    breakAfter: (after) => endings.push({ after, how: "break" }),
    stallAfter: (after) => endings.push({ after, how: "stall" }),
    answerWith: (status, headers = {}) => answers.push({ status, headers }),
    change: (path, content) => {
      if (content === undefined) contents.delete(path);
      else contents.set(path, content);
    },
    redirect: (path, location) => redirects.set(path, location),
    addHtml: (folder, html) => extra.set(folder, html),
    beforeNextFile: (action) => before.push(action),
    quirks,
    close: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
}
