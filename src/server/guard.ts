/**
 * @file What a request must be before anything is read for it: one of the server's own page, or of
 *   a program of this machine. Pages of other sites could otherwise read runs through a person's
 *   browser. A name of their own that leads to 127.0.0.1 is enough for that.
 */

import type { MiddlewareHandler } from "hono";
import { showName } from "../formats/show-name.ts";
import { HttpFailure } from "./failure.ts";

/** Names of this machine for itself; the port is free, for tunnels that end at another one. */
const OWN_HOST = /^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/i;

/**
 * Scripts and data come from this server alone, so that text of a run that is HTML cannot do
 * anything. Figures bring style elements of their own. The library that draws very many dots makes
 * functions of text, its worker among them.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'unsafe-eval'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self' blob:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** Sent with everything. */
const HEADERS: Readonly<Record<string, string>> = {
  "Content-Security-Policy": POLICY,
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
};

function foreign(what: string, value: string): HttpFailure {
  return new HttpFailure(
    403,
    "request/foreign",
    `Refused a request with the ${what} "${showName(value)}".`,
    "Only this machine's own page is answered: open http://127.0.0.1 with the port of the server.",
  );
}

/**
 * Refuses requests that another site's page makes, and marks every answer.
 *
 * @throws {HttpFailure} 403 for a foreign Host or Origin, 415 for a POST that is not JSON, which a
 *   form of another site could send.
 */
export const guard: MiddlewareHandler = async (c, next) => {
  for (const [name, value] of Object.entries(HEADERS)) c.header(name, value);
  const host = c.req.header("host") ?? "";
  if (!OWN_HOST.test(host)) throw foreign("Host", host);
  const origin = c.req.header("origin");
  if (origin !== undefined && origin.toLowerCase() !== `http://${host.toLowerCase()}`)
    throw foreign("Origin", origin);
  const site = c.req.header("sec-fetch-site");
  const isOwn = site === undefined || site === "same-origin" || site === "none";
  // A link on another page may lead here; what it leads to is not that page's to read.
  const isVisit = c.req.header("sec-fetch-mode") === "navigate" && !c.req.path.startsWith("/api/");
  if (!isOwn && !isVisit) throw foreign("Sec-Fetch-Site", site);
  if (c.req.method === "POST" && !/^application\/json\b/i.test(c.req.header("content-type") ?? ""))
    throw new HttpFailure(
      415,
      "request/invalid",
      "Expected a body with the Content-Type application/json.",
    );
  await next();
};
