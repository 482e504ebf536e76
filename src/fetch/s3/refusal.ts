/** @file What a server of objects says when it refuses, in words for the person who must act. */

import { ConcordError } from "../../errors.ts";
import { HttpStatusError, TransientError } from "../http/retry.ts";

/** Codes that say "not now". Amazon sends some of them with a status that says "never". */
const PASSING = new Set([
  "RequestTimeout",
  "InternalError",
  "SlowDown",
  "ServiceUnavailable",
  "OperationAborted",
  "ConditionalRequestConflict",
]);

/** What each code means, and what to do about it. */
const MEANINGS: Readonly<Record<string, readonly [problem: string, hint: string]>> = {
  InvalidAccessKeyId: ["it does not know the access key", "Check AWS_ACCESS_KEY_ID."],
  SignatureDoesNotMatch: [
    "the secret key is wrong",
    "Check AWS_SECRET_ACCESS_KEY, and AWS_REGION.",
  ],
  InvalidToken: ["the session token is wrong", "Check AWS_SESSION_TOKEN."],
  ExpiredToken: ["the keys have expired", "Get new keys, and set AWS_SESSION_TOKEN with them."],
  AccessDenied: [
    "these keys may not do that",
    "The keys need to read, write and remove objects below the prefix.",
  ],
  NoSuchBucket: ["the bucket does not exist", "Create the bucket, or check its name."],
  PermanentRedirect: ["the bucket is in another region", "Set AWS_REGION to its region."],
  AuthorizationHeaderMalformed: [
    "the bucket is in another region",
    "Set AWS_REGION to its region.",
  ],
  QuotaExceeded: ["its quota is used up", "Remove what is not needed, or raise the quota."],
  XMinioStorageFull: ["its disks are full", "Remove what is not needed from the store."],
  XAmzContentSHA256Mismatch: [
    "the bytes that arrived are not those that were sent",
    "A proxy or a faulty network changes them; run the command again.",
  ],
};

/** The text of the first element of a name in an XML answer. */
export function elementOf(xml: string, name: string): string | undefined {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
}

/** The code of a refusal: `NoSuchKey`; undefined when the body has none. */
export function codeOf(error: HttpStatusError): string | undefined {
  return elementOf(error.said, "Code");
}

function skew(headers: Headers, now: Date): string {
  const there = Date.parse(headers.get("date") ?? "");
  if (Number.isNaN(there)) return "";
  const seconds = Math.round((now.getTime() - there) / 1000);
  return ` by ${Math.abs(seconds)} s: it is ${seconds < 0 ? "behind" : "ahead"}`;
}

/**
 * The error for a refusal.
 *
 * @param what  What was being done, as in "Cannot `what`".
 * @param store The store, as people see it.
 * @param now   This machine's clock.
 * @returns A {@link TransientError} for what may pass; else a {ConcordError} `network/failed`.
 *   Errors that are not a server's refusal come back unchanged.
 */
export function refusalOf(error: unknown, what: string, store: string, now: Date): unknown {
  if (!(error instanceof HttpStatusError)) return error;
  const code = codeOf(error) ?? "";
  if (PASSING.has(code) || error.status === 409)
    return new TransientError(`the server answered ${code || `HTTP ${error.status}`}`, {
      cause: error,
    });
  if (code === "RequestTimeTooSkewed")
    return new ConcordError(
      "network/failed",
      `Cannot ${what} in ${store}: this machine's clock differs from the store's${skew(error.headers, now)}.`,
      { cause: error, hint: "Set the clocks by NTP: timedatectl set-ntp true." },
    );
  const [problem, hint] = MEANINGS[code] ?? [
    `the server answered HTTP ${error.status}${code === "" ? "" : ` (${code})`}`,
    "Check AWS_ENDPOINT_URL, the bucket and the keys.",
  ];
  return new ConcordError("network/failed", `Cannot ${what} in ${store}: ${problem}.`, {
    cause: error,
    hint,
  });
}
