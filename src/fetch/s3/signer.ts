/**
 * @file Signs requests as Amazon's Signature Version 4 has it, with the signer of Amazon's own
 *   client (@smithy/signature-v4). Sending, waiting and retrying stay with our one HTTP client.
 */

import { createHash, createHmac } from "node:crypto";
import { ConcordError, messageOf } from "../../errors.ts";
import type { Signer } from "../http/client.ts";
import type { S3Account } from "./location.ts";

type Smithy = typeof import("@smithy/signature-v4");

async function loadSmithy(): Promise<Smithy> {
  try {
    return await import("@smithy/signature-v4");
  } catch (cause) {
    const isMissing = (cause as { code?: unknown }).code === "ERR_MODULE_NOT_FOUND";
    const problem = isMissing
      ? "which is not installed"
      : `which does not load: ${messageOf(cause)}`;
    throw new ConcordError(
      "backend/unavailable",
      `An object store needs the package @smithy/signature-v4, ${problem}.`,
      { cause, hint: "npm install @smithy/signature-v4@5, or share a runs folder instead." },
    );
  }
}

/** Node's SHA-256 as the signer wants it: with a secret, an HMAC. */
class Sha256 {
  readonly #hash: { update(data: Uint8Array | string): unknown; digest(): Uint8Array };

  constructor(secret?: unknown) {
    this.#hash =
      secret === undefined
        ? createHash("sha256")
        : createHmac("sha256", secret as string | Uint8Array);
  }

  update(data: unknown): void {
    this.#hash.update(
      data instanceof ArrayBuffer ? new Uint8Array(data) : (data as string | Uint8Array),
    );
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): void {}
}

/**
 * A signer for one account. The SHA-256 of what is sent is part of the signature, so that the
 * server refuses bytes that changed on the way.
 *
 * @param now The time of day, which signatures hold.
 * @throws {ConcordError} `backend/unavailable` where the package is absent.
 */
export async function s3Signer(account: S3Account, now: () => Date): Promise<Signer> {
  const { SignatureV4 } = await loadSmithy();
  const { accessKeyId, secretAccessKey, sessionToken, region } = account;
  const signer = new SignatureV4({
    service: "s3",
    region,
    credentials: {
      accessKeyId,
      secretAccessKey,
      ...(sessionToken === undefined ? {} : { sessionToken }),
    },
    sha256: Sha256,
    uriEscapePath: false,
    applyChecksum: true,
  });
  return async (url, { method, headers, body = "" }) => {
    const sha256 = createHash("sha256").update(body).digest("hex");
    const signed = await signer.sign(
      {
        method,
        protocol: url.protocol,
        hostname: url.hostname,
        ...(url.port === "" ? {} : { port: Number(url.port) }),
        path: url.pathname,
        query: Object.fromEntries(url.searchParams),
        headers: {
          ...ownHeaders(headers),
          host: url.host,
          "x-amz-content-sha256": sha256,
        },
      },
      { signingDate: now() },
    );
    // fetch writes Host itself.
    const { host: _, ...rest } = signed.headers;
    return rest;
  };
}

/** Conditions and Amazon's own headers; the others are not signed, for a proxy may change them. */
function ownHeaders(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers)
      .map(([name, value]) => [name.toLowerCase(), value] as const)
      .filter(([name]) => name.startsWith("x-amz-") || /^if-(none-)?match$/.test(name)),
  );
}
