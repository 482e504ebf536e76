/**
 * @file A server of objects in memory, with the part of Amazon's S3 that Concord uses. It checks
 *   signatures by the published algorithm (Signature Version 4), apart from the code under test.
 *   It can be slow to take writes, lose answers, and ignore conditions on demand.
 */

import { createHash, createHmac } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface S3Server {
  readonly url: string;
  /** Objects by key. */
  readonly objects: Map<string, Buffer>;
  /** Method and key of every request, in order; with `?` where there are parameters. */
  readonly requests: string[];
  /** Answers so many writes with HTTP 503. */
  refuseWrites(count: number): void;
  /** Carries out the next write whose key ends so, and then breaks the connection. */
  loseAnswerTo(ending: string): void;
  /** Called before the next manifest is written. */
  beforeManifest(act: () => void): void;
  close(): Promise<void>;
}

export interface S3ServerOptions {
  readonly bucket?: string;
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
  /** The server's clock; signatures may differ from it by a quarter of an hour. */
  readonly now?: () => Date;
  /** Writes whatever `If-Match` says, as simple servers do. */
  readonly ignoresConditions?: boolean;
  readonly port?: number;
  readonly host?: string;
}

const SKEW_MS = 15 * 60_000;

const sha256 = (data: string | Buffer) => createHash("sha256").update(data).digest("hex");
const hmac = (key: string | Buffer, data: string) =>
  createHmac("sha256", key).update(data).digest();
const etagOf = (data: Buffer) => `"${createHash("md5").update(data).digest("hex")}"`;
/** RFC 3986, as the algorithm has it. */
const escaped = (text: string) =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );

class Refused extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string) {
    super(code);
    this.status = status;
    this.code = code;
  }
}

/** Checks who asks. @throws {Refused} as Amazon does. */
function requireSignature(
  request: IncomingMessage,
  body: Buffer,
  { accessKeyId = "key", secretAccessKey = "secret", now }: S3ServerOptions,
): void {
  const given =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(
      request.headers.authorization ?? "",
    );
  if (!given) throw new Refused(403, "AccessDenied");
  const [, id, day, region, names, signature] = given as unknown as string[];
  if (id !== accessKeyId) throw new Refused(403, "InvalidAccessKeyId");
  const date = String(request.headers["x-amz-date"]);
  const [, y, m, d, h, min, s] = /^(....)(..)(..)T(..)(..)(..)Z$/.exec(date)!;
  const signedAt = Date.parse(`${y}-${m}-${d}T${h}:${min}:${s}Z`);
  if (now && Math.abs(signedAt - now().getTime()) > SKEW_MS)
    throw new Refused(403, "RequestTimeTooSkewed");
  const hash = String(request.headers["x-amz-content-sha256"]);
  if (hash !== sha256(body)) throw new Refused(400, "XAmzContentSHA256Mismatch");
  const { pathname, searchParams } = new URL(request.url!, "http://s3");
  const query = [...searchParams].map(([k, v]) => `${escaped(k)}=${escaped(v)}`).sort();
  const headers = names!
    .split(";")
    .map((name) => `${name}:${String(request.headers[name]).trim()}\n`);
  for (const required of ["host", "x-amz-date", "x-amz-content-sha256"])
    if (!names!.split(";").includes(required)) throw new Refused(403, "AccessDenied");
  const canonical = [request.method, pathname, query.join("&"), headers.join(""), names, hash];
  const scope = `${day}/${region}/s3/aws4_request`;
  const text = ["AWS4-HMAC-SHA256", date, scope, sha256(canonical.join("\n"))].join("\n");
  const key = [region!, "s3", "aws4_request"].reduce<Buffer>(
    (secret, part) => hmac(secret, part),
    hmac(`AWS4${secretAccessKey}`, day!),
  );
  if (hmac(key, text).toString("hex") !== signature)
    throw new Refused(403, "SignatureDoesNotMatch");
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

/** Starts one on a free port. */
export async function startS3Server(options: S3ServerOptions = {}): Promise<S3Server> {
  const { bucket = "lab", ignoresConditions = false, now = () => new Date() } = options;
  const objects = new Map<string, Buffer>();
  const uploads = new Map<string, Map<number, Buffer>>();
  const requests: string[] = [];
  let refusals = 0;
  let lost: string | undefined;
  let before: (() => void) | undefined;

  const write = (request: IncomingMessage, key: string, body: Buffer) => {
    if (key.endsWith("manifest.json") && before) {
      const act = before;
      before = undefined;
      act();
    }
    const found = objects.get(key);
    const { "if-match": match, "if-none-match": noneMatch } = request.headers;
    if (!ignoresConditions) {
      if (match !== undefined && found === undefined) throw new Refused(404, "NoSuchKey");
      if (match !== undefined && match !== etagOf(found!))
        throw new Refused(412, "PreconditionFailed");
      if (noneMatch === "*" && found) throw new Refused(412, "PreconditionFailed");
    }
    objects.set(key, body);
  };

  const answer = (request: IncomingMessage, response: ServerResponse, body: Buffer): void => {
    const { pathname, searchParams } = new URL(request.url!, "http://s3");
    const [, name, ...rest] = pathname.split("/");
    const key = rest.map(decodeURIComponent).join("/");
    const { method } = request;
    requests.push(`${method} ${key}${searchParams.size > 0 ? "?" : ""}`);
    const isWrite = method === "PUT" || method === "POST";
    if (isWrite && refusals > 0) {
      refusals--;
      throw new Refused(503, "SlowDown");
    }
    requireSignature(request, body, { ...options, now });
    if (name !== bucket) throw new Refused(404, "NoSuchBucket");
    const uploadId = searchParams.get("uploadId") ?? "";
    const parts = uploads.get(uploadId);
    if (uploadId !== "" && !parts) throw new Refused(404, "NoSuchUpload");
    if (method === "POST" && searchParams.has("uploads")) {
      const id = String(uploads.size + 1);
      uploads.set(id, new Map());
      return void response.end(`<R><UploadId>${id}</UploadId></R>`);
    }
    if (method === "POST") {
      const listed = [
        ...body.toString().matchAll(/<PartNumber>(\d+)<\/PartNumber><ETag>("[^"]+")/g),
      ];
      const all = listed.map(([, n, tag]) => {
        const part = parts!.get(Number(n));
        if (!part || etagOf(part) !== tag) throw new Refused(400, "InvalidPart");
        return part;
      });
      uploads.delete(uploadId);
      objects.set(key, Buffer.concat(all));
      return void response.end("<CompleteMultipartUploadResult/>");
    }
    if (method === "PUT" && parts) {
      parts.set(Number(searchParams.get("partNumber")), body);
      return void response.setHeader("etag", etagOf(body)).end();
    }
    if (method === "PUT") {
      write(request, key, body);
      if (lost !== undefined && key.endsWith(lost)) {
        lost = undefined;
        return void response.destroy();
      }
      return void response.setHeader("etag", etagOf(body)).end();
    }
    if (method === "DELETE") {
      if (parts) uploads.delete(uploadId);
      else objects.delete(key);
      return void response.writeHead(204).end();
    }
    const found = objects.get(key);
    if (!found) throw new Refused(404, "NoSuchKey");
    const [, from] = /^bytes=(\d+)-$/.exec(request.headers.range ?? "") ?? [];
    const sent = found.subarray(Number(from ?? 0));
    response.writeHead(from === undefined ? 200 : 206, {
      etag: etagOf(found),
      "content-length": sent.byteLength,
      ...(from !== undefined && {
        "content-range": `bytes ${from}-${found.byteLength - 1}/${found.byteLength}`,
      }),
    });
    response.end(method === "HEAD" ? undefined : sent);
  };

  const server = createServer(async (request, response) => {
    const body = await bodyOf(request);
    response.setHeader("date", now().toUTCString());
    try {
      answer(request, response, body);
    } catch (error) {
      const { status, code } =
        error instanceof Refused ? error : { status: 500, code: String(error) };
      const text = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>no</Message></Error>`;
      response.writeHead(status, { "content-type": "application/xml" });
      response.end(request.method === "HEAD" ? undefined : text);
    }
  });
  await new Promise<void>((done) =>
    server.listen(options.port ?? 0, options.host ?? "127.0.0.1", done),
  );
  const { port, address } = server.address() as AddressInfo;
  return {
    url: `http://${address}:${port}`,
    objects,
    requests,
    refuseWrites(count) {
      refusals = count;
    },
    loseAnswerTo(ending) {
      lost = ending;
    },
    beforeManifest(act) {
      before = act;
    },
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
