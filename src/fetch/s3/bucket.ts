/**
 * @file A bucket: small objects as a whole, files of any size in parts. Each request is signed with
 *   the SHA-256 of what it sends, retried while the server is away, and refused in words.
 */

import { inParallel } from "../../base/in-parallel.ts";
import { ConcordError, FormatError } from "../../errors.ts";
import { type OpenFile, readExactly } from "../../formats/file-bytes.ts";
import { downloadFile, FileProblem } from "../download-file.ts";
import { type Answer, HttpClient, type Request } from "../http/client.ts";
import { HttpStatusError, persistently, type RetryPolicy, TransientError } from "../http/retry.ts";
import type { DatasetOptions } from "../options.ts";
import { bucketRoot, type S3Account, type S3Location, showLocation } from "./location.ts";
import { codeOf, elementOf, refusalOf } from "./refusal.ts";
import { s3Signer } from "./signer.ts";

/** How a bucket is asked. */
export type BucketOptions = Pick<
  DatasetOptions,
  "stallMs" | "timing" | "signal" | "fetch" | "onEvent"
> & {
  /** Attempts in a row before the server is given up; default 8, about two minutes. */
  readonly attempts?: number;
  /** Wait before the first retry, doubled each time up to a minute; default 1000. */
  readonly retryDelayMs?: number;
  /** Bytes of a part of a large file; default 8 MiB. Four are in memory at a time. */
  readonly partBytes?: number;
};

/** What must hold for an object to be written. */
export interface PutCondition {
  /** The object is still the one with this ETag; null: there is none. */
  readonly replaces: string | null;
}

/** A small object. */
export interface SmallObject {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly etag: string;
}

/** The most bytes that are read into memory at once. */
const MOST_SMALL_BYTES = 64 * 2 ** 20;
const PART_BYTES = 8 * 2 ** 20;
/** The server's limit. */
const MOST_PARTS = 10_000;
const PARTS_AT_ONCE = 4;
const BINARY = { "Content-Type": "application/octet-stream" };

async function bytesOf(answer: Answer, key: string): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of answer.chunks()) {
      parts.push(chunk);
      bytes += chunk.byteLength;
      if (bytes > MOST_SMALL_BYTES)
        throw new ConcordError(
          "format/too-large",
          `${key}: more than ${MOST_SMALL_BYTES} bytes, the most that are read.`,
        );
    }
  } finally {
    answer.discard();
  }
  const length = answer.headers.get("content-length");
  if (length !== null && Number(length) !== bytes)
    throw new TransientError(`the connection ended after ${bytes} of ${length} bytes`);
  return new Uint8Array(Buffer.concat(parts));
}

/** A request for an object, with the parameters behind the `?` of its address. */
type Ask = Omit<Request, "mayLeave" | "hearsRefusal"> & {
  readonly query?: Readonly<Record<string, string>>;
};

async function pieceOf(file: OpenFile, start: number, length: number) {
  const piece = new Uint8Array(length);
  await readExactly(file, piece, start);
  return piece;
}

const isMissing = (error: unknown) =>
  error instanceof HttpStatusError && error.status === 404 && codeOf(error) !== "NoSuchBucket";

/** Objects below the prefix of a location; keys are relative to it. */
export class S3Bucket {
  /** As people see it: `s3://bucket/prefix`. */
  readonly name: string;
  readonly #root: URL;
  readonly #client: HttpClient;
  readonly #options: BucketOptions;
  readonly #policy: RetryPolicy;

  private constructor(location: S3Location, root: URL, client: HttpClient, options: BucketOptions) {
    this.name = showLocation(location);
    this.#root = new URL(location.prefix, root);
    this.#client = client;
    this.#options = options;
    const { attempts = 8, retryDelayMs: delayMs = 1000, timing, signal, onEvent } = options;
    this.#policy = { attempts, delayMs, timing, signal, onEvent };
  }

  /** @throws {ConcordError} `backend/unavailable` where the package that signs is absent. */
  static async open(
    location: S3Location,
    account: S3Account,
    options: BucketOptions,
  ): Promise<S3Bucket> {
    const root = bucketRoot(account, location.bucket);
    const sign = await s3Signer(account, options.timing.now);
    const { timing, signal, fetch, stallMs } = options;
    const client = new HttpClient(root, {
      timing,
      sign,
      requestsPerSecond: Number.POSITIVE_INFINITY,
      ...(signal && { signal }),
      ...(fetch && { fetch }),
      ...(stallMs !== undefined && { stallMs }),
    });
    return new S3Bucket(location, root, client, options);
  }

  /** @returns undefined when the object does not exist. */
  async get(key: string): Promise<SmallObject | undefined> {
    return this.#persistently(`read ${key}`, async () => {
      try {
        const answer = await this.#ask(key, {});
        const bytes = await bytesOf(answer, key);
        return { bytes, etag: answer.headers.get("etag") ?? "" };
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    });
  }

  /** The size of an object; undefined when there is none. */
  async sizeOf(key: string): Promise<number | undefined> {
    return this.#persistently(`look up ${key}`, async () => {
      try {
        const answer = await this.#ask(key, { method: "HEAD" });
        answer.discard();
        return Number(answer.headers.get("content-length"));
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    });
  }

  /**
   * Writes a small object. An answer may be lost, and a retry then finds its own condition
   * broken. The object is then read, and the same bytes count as written.
   *
   * @returns Whether the condition held and the object is written.
   */
  async put(
    key: string,
    bytes: Uint8Array<ArrayBuffer>,
    condition?: PutCondition,
  ): Promise<boolean> {
    const headers: Record<string, string> = { ...BINARY };
    if (condition?.replaces === null) headers["If-None-Match"] = "*";
    else if (condition) headers["If-Match"] = condition.replaces;
    let attempts = 0;
    return this.#persistently(`write ${key}`, async () => {
      attempts++;
      try {
        (await this.#ask(key, { method: "PUT", body: bytes, headers })).discard();
        return true;
      } catch (error) {
        const isBroken = error instanceof HttpStatusError && [404, 412].includes(error.status);
        if (!condition || !isBroken || codeOf(error) === "NoSuchBucket") throw error;
        return attempts > 1 && Buffer.from(bytes).equals((await this.get(key))?.bytes ?? BLANK);
      }
    });
  }

  /** Removes an object; one that is not there is no error. */
  async remove(key: string): Promise<void> {
    await this.#persistently(`remove ${key}`, async () => {
      try {
        (await this.#ask(key, { method: "DELETE" })).discard();
      } catch (error) {
        if (!isMissing(error)) throw error;
      }
    });
  }

  /**
   * Sends the first `bytes` bytes of an open file, in parts when there are many, and asks for the
   * size of what has arrived.
   *
   * @throws {ConcordError} `network/failed`, `file/io` when the file got shorter, `interrupted`.
   */
  async upload(key: string, file: OpenFile, bytes: number): Promise<void> {
    const { partBytes = PART_BYTES } = this.#options;
    if (bytes <= partBytes) await this.put(key, await pieceOf(file, 0, bytes));
    else await this.#uploadParts(key, file, bytes, partBytes);
    const arrived = await this.sizeOf(key);
    if (arrived !== bytes)
      throw new ConcordError(
        "network/failed",
        `${this.name}: ${key} arrived with ${arrived ?? 0} of ${bytes} bytes.`,
        { hint: "Run the same command again; if it recurs, check the store's disks." },
      );
  }

  async #uploadParts(key: string, file: OpenFile, bytes: number, partBytes: number): Promise<void> {
    const what = `write ${key}`;
    const size = Math.max(partBytes, Math.ceil(bytes / MOST_PARTS));
    const parts = Array.from({ length: Math.ceil(bytes / size) }, (_, n) => n);
    const begun = await this.#text(what, key, { method: "POST", body: "", query: { uploads: "" } });
    const uploadId = elementOf(begun, "UploadId");
    if (uploadId === undefined) throw this.#unclear(what);
    try {
      const tags = await inParallel(PARTS_AT_ONCE, parts, async (n) => {
        const body = await pieceOf(file, n * size, Math.min(size, bytes - n * size));
        return this.#persistently(what, async () => {
          const query = { partNumber: String(n + 1), uploadId };
          const answer = await this.#ask(key, { method: "PUT", body, headers: BINARY, query });
          answer.discard();
          return answer.headers.get("etag") ?? "";
        });
      });
      const list = tags.map(
        (tag, n) => `<Part><PartNumber>${n + 1}</PartNumber><ETag>${tag}</ETag></Part>`,
      );
      const body = `<CompleteMultipartUpload>${list.join("")}</CompleteMultipartUpload>`;
      const headers = { "Content-Type": "application/xml" };
      // The server may answer 200 and then say that it failed; a retry may find it done already.
      const said = await this.#text(what, key, {
        method: "POST",
        body,
        headers,
        query: { uploadId },
      }).catch(async (error: unknown) => {
        if ((await this.sizeOf(key)) === bytes) return "";
        throw error;
      });
      if (elementOf(said, "Code") !== undefined) throw this.#unclear(what);
    } catch (error) {
      // The parts would be paid for. The first failure is the one to report.
      await this.#ask(key, { method: "DELETE", query: { uploadId } }).then(
        (answer) => answer.discard(),
        () => undefined,
      );
      throw error;
    }
  }

  /**
   * Receives an object into a file, which gets its name when all bytes are there and right. It goes
   * on where an earlier attempt stopped.
   *
   * @throws {ConcordError} `network/failed`, `file/io`, `file/missing` when there is no such
   *   object; {FormatError} when its bytes are not the ones that were sent.
   */
  async download(key: string, target: string, bytes: number, sha256: string): Promise<void> {
    const url = this.#url(key);
    try {
      await downloadFile(
        { url, path: key, size: { bytes, isExact: true }, target, sha256 },
        {
          client: this.#client,
          policy: this.#policy,
          openFile: undefined,
          remainingBytes: () => Number.POSITIVE_INFINITY,
          onBytes: () => undefined,
          onRestart: () => undefined,
        },
      );
    } catch (error) {
      if (error instanceof FileProblem)
        throw new FormatError(`${this.name}/${key}`, `${error.message}.`, { cause: error });
      if (isMissing(error))
        throw new ConcordError("file/missing", `${this.name} has no ${key}.`, { cause: error });
      throw refusalOf(error, `read ${key}`, this.name, this.#options.timing.now());
    }
  }

  #url(key: string, query: Readonly<Record<string, string>> = {}): URL {
    const url = new URL(this.#root);
    url.pathname += key.split("/").map(encodeURIComponent).join("/");
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    return url;
  }

  #ask(key: string, { query, ...request }: Ask): Promise<Answer> {
    const url = this.#url(key, query);
    return this.#client.open(url, { ...request, mayLeave: false, hearsRefusal: true });
  }

  async #text(what: string, key: string, request: Ask): Promise<string> {
    return this.#persistently(what, async () =>
      Buffer.from(await bytesOf(await this.#ask(key, request), key)).toString("utf8"),
    );
  }

  async #persistently<T>(what: string, attempt: () => Promise<T>): Promise<T> {
    const inWords = async () => {
      try {
        return await attempt();
      } catch (error) {
        throw refusalOf(error, what, this.name, this.#options.timing.now());
      }
    };
    return persistently(`${what} in ${this.name}`, inWords, this.#policy);
  }

  #unclear(what: string): ConcordError {
    return new ConcordError(
      "network/failed",
      `Cannot ${what} in ${this.name}: the server's answer is not that of an object store.`,
      { hint: "Check AWS_ENDPOINT_URL: a proxy or another program may answer there." },
    );
  }
}

const BLANK = new Uint8Array(0);
