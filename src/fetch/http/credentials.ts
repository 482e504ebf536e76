/** @file A user name and a password, or a token, and the origin that they may be sent to. */

import { ConcordError } from "../../errors.ts";

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** A token that stands for an account. */
export interface AccessToken {
  readonly token: string;
}

/**
 * The value of `Authorization` for an account: basic for a user name, bearer for a token.
 *
 * @throws {ConcordError} `argument/invalid` for what a header cannot carry. No message holds the
 *   credentials.
 */
export function authorizationOf(account: Credentials | AccessToken): string {
  if (!("token" in account)) return basicAuthorization(account);
  if (/^[\x21-\x7e]+$/.test(account.token)) return `Bearer ${account.token}`;
  throw new ConcordError(
    "argument/invalid",
    "Expected an access token without spaces and control characters.",
  );
}

/**
 * The value of `Authorization` for basic authentication (RFC 7617, in UTF-8).
 *
 * @throws {ConcordError} `argument/invalid` for what the scheme cannot carry. No message holds the
 *   credentials.
 */
function basicAuthorization({ user, password }: Credentials): string {
  const isPlain = (text: string) => text !== "" && !/\p{Cc}/u.test(text);
  if (!isPlain(user) || user.includes(":"))
    throw new ConcordError(
      "argument/invalid",
      "Expected a user name without colons and control characters.",
    );
  if (!isPlain(password))
    throw new ConcordError(
      "argument/invalid",
      "Expected a password that is not empty and has no control characters.",
    );
  return `Basic ${Buffer.from(`${user}:${password}`, "utf8").toString("base64")}`;
}

/** Whether an address is this machine's own. */
export function isLoopback({ hostname }: URL): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d+){3}$/.test(hostname);
}

/** Whether nobody else can read what is sent to an address: HTTPS, or this machine. */
export function isPrivate(url: URL): boolean {
  return url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url));
}
