/**
 * @file A careful request: credentials for one origin only, redirects followed explicitly, a
 *   limited pace, and detection of silent connections. It makes one attempt; `persistently`
 *   retries.
 */

import { ConcordError, messageOf } from "../../errors.ts";
import type { DatasetOptions, Timing } from "../options.ts";
import { type AccessToken, authorizationOf, type Credentials, isPrivate } from "./credentials.ts";
import { Pace } from "./pace.ts";
import {
  HttpStatusError,
  interrupted,
  isTransientStatus,
  retryAfterMs,
  TransientError,
} from "./retry.ts";

export type Method = "GET" | "HEAD" | "POST" | "PUT" | "DELETE";

/** An answer whose body has not been read. */
export interface Answer {
  /** 200, 204, 206 or 416; all others are thrown. */
  readonly status: number;
  readonly headers: Headers;
  /** The address after redirects. */
  readonly url: URL;
  /**
   * The body.
   *
   * @throws {TransientError} when the connection breaks or is silent for too long.
   */
  chunks(): AsyncGenerator<Uint8Array, void, undefined>;
  /** Closes the connection without reading the body. */
  discard(): void;
}

export interface Request {
  readonly method?: Method;
  /**
   * What is sent, JSON unless the headers say otherwise. Only GET and HEAD are redirected: another
   * server would read it.
   */
  readonly body?: string | Uint8Array<ArrayBuffer>;
  /** Whether an {@link HttpStatusError} has what the server said. Default: for a POST. */
  readonly hearsRefusal?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * Whether a redirect may leave the dataset's folder: files may lie on another server, directory
   * pages may not.
   */
  readonly mayLeave: boolean;
  /** An answer with such headers is returned, even if it is a redirect. */
  readonly isAnswer?: (headers: Headers) => boolean;
}

const MAX_REDIRECTS = 5;
/** Characters of a refusal that are kept. */
const MOST_SAID = 2000;

/**
 * Headers that prove who asks, made anew for each request because they hold the time. The secret
 * itself is not in them, so they may travel in the clear.
 */
export type Signer = (
  url: URL,
  request: {
    readonly method: Method;
    readonly headers: Request["headers"] | undefined;
    readonly body: Request["body"] | undefined;
  },
) => Promise<Readonly<Record<string, string>>>;

/** Options of a client. */
type ClientOptions = Pick<
  DatasetOptions,
  "requestsPerSecond" | "bytesPerSecond" | "stallMs" | "userAgent" | "timing" | "signal" | "fetch"
> & {
  /** Sent only to the root's origin, and only over HTTPS. */
  readonly credentials?: Credentials | AccessToken;
  /** Signs every request to the root's origin, in place of credentials. */
  readonly sign?: Signer;
  /**
   * What to throw when the server refuses or asks for an account (HTTP 401), which concerns all of
   * it. Default: an {@link HttpStatusError}.
   *
   * @param wasSent Whether the account was sent.
   */
  readonly refused?: (url: URL, wasSent: boolean) => ConcordError;
};

/** Aborts one request: by the caller's signal, or after silence. */
class Watch {
  readonly #controller = new AbortController();
  readonly #outer: AbortSignal | undefined;
  readonly #stallMs: number;
  #timer: NodeJS.Timeout | undefined;
  #stalled = false;
  readonly #abort = () => this.#controller.abort();

  constructor(outer: AbortSignal | undefined, stallMs: number) {
    this.#outer = outer;
    this.#stallMs = stallMs;
    outer?.addEventListener("abort", this.#abort, { once: true });
    if (outer?.aborted) this.#abort();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Waits for data from the network, with a limit. */
  async listen<T>(something: () => Promise<T>): Promise<T> {
    this.#timer = setTimeout(() => {
      this.#stalled = true;
      this.#abort();
    }, this.#stallMs);
    try {
      return await something();
    } catch (error) {
      if (this.#outer?.aborted) throw interrupted();
      if (this.#stalled)
        throw new TransientError(`nothing came for ${this.#stallMs / 1000} s`, { cause: error });
      const reason = messageOf((error as { cause?: unknown }).cause ?? error);
      throw new TransientError(`the connection broke (${reason})`, { cause: error });
    } finally {
      clearTimeout(this.#timer);
    }
  }

  /** Closes the connection if it is open, and forgets the caller's signal. */
  end(): void {
    this.#outer?.removeEventListener("abort", this.#abort);
    this.#abort();
  }
}

/** Connects to one server, and to the servers that it redirects to. */
export class HttpClient {
  readonly #root: URL;
  readonly #options: ClientOptions;
  readonly #authorization: string | undefined;
  readonly #requests: Pace;
  readonly #bytes: Pace;
  readonly #timing: Timing;

  /**
   * @param root The dataset's folder; credentials go to its origin alone.
   * @throws {ConcordError} `argument/invalid` when credentials would travel in the clear.
   */
  constructor(root: URL, options: ClientOptions) {
    const { credentials, timing, signal } = options;
    if (credentials && !isPrivate(root))
      throw new ConcordError(
        "argument/invalid",
        `Expected an https address for a dataset that needs an account but received ${root.href}.`,
        { hint: "over plain http others could read the password" },
      );
    this.#root = root;
    this.#options = options;
    this.#authorization = credentials && authorizationOf(credentials);
    this.#timing = timing;
    this.#requests = new Pace(options.requestsPerSecond ?? 4, timing, signal);
    this.#bytes = new Pace(options.bytesPerSecond ?? Number.POSITIVE_INFINITY, timing, signal);
  }

  /**
   * Asks once.
   *
   * @throws {TransientError} worth another try. {HttpStatusError} not found and the like.
   *   {ConcordError} `network/failed` for what concerns the whole dataset: a refused account, a
   *   redirect that is not followed; `interrupted`.
   */
  async open(url: URL, request: Request): Promise<Answer> {
    let at = url;
    for (let hops = 0; ; hops++) {
      const watch = new Watch(this.#options.signal, this.#options.stallMs ?? 60_000);
      try {
        const response = await this.#send(at, request, watch);
        const location = response.headers.get("location");
        const isRedirect = response.status >= 300 && response.status < 400 && location !== null;
        if (isRedirect && request.isAnswer?.(response.headers))
          return this.#answer(response, at, watch);
        if (!isRedirect) {
          await this.#refuse(response, at, request, watch);
          return this.#answer(response, at, watch);
        }
        if ((request.method ?? "GET") !== "GET" && request.method !== "HEAD")
          throw redirectError(url, "it is redirected");
        if (hops === MAX_REDIRECTS)
          throw redirectError(url, `it was redirected more than ${MAX_REDIRECTS} times`);
        at = this.#follow(at, location, request);
        watch.end();
      } catch (error) {
        watch.end();
        throw error;
      }
    }
  }

  /** Whether an address is in the dataset's folder. */
  holds(url: URL): boolean {
    return url.origin === this.#root.origin && url.pathname.startsWith(this.#root.pathname);
  }

  async #send(
    url: URL,
    { method = "GET", headers, body }: Request,
    watch: Watch,
  ): Promise<Response> {
    await this.#requests.spend(1);
    const isOurs = url.origin === this.#root.origin;
    const { sign } = this.#options;
    const signature = isOurs && sign ? await sign(url, { method, headers, body }) : {};
    return watch.listen(() =>
      (this.#options.fetch ?? fetch)(url, {
        method,
        redirect: "manual",
        signal: watch.signal,
        ...(body === undefined ? {} : { body }),
        headers: merged(
          {
            "User-Agent": this.#options.userAgent ?? "concord",
            // Compressed bytes could neither be counted nor continued in the middle.
            "Accept-Encoding": "identity",
            ...(body === undefined ? {} : { "Content-Type": "application/json" }),
          },
          headers,
          isOurs && this.#authorization !== undefined
            ? { Authorization: this.#authorization }
            : undefined,
          signature,
        ),
      }),
    );
  }

  /** Throws for every status that does not carry the requested data. */
  async #refuse(
    response: Response,
    url: URL,
    { method, hearsRefusal = method === "POST" }: Request,
    watch: Watch,
  ): Promise<void> {
    const { status, headers } = response;
    if (status === 200 || status === 204 || status === 206 || status === 416) return;
    const { refused } = this.#options;
    if (status === 401 && refused) {
      const isOurs = this.#authorization !== undefined && url.origin === this.#root.origin;
      throw refused(url, isOurs);
    }
    if (!isTransientStatus(status)) {
      // What was wrong with a question stands in the body.
      const said = hearsRefusal ? await watch.listen(() => response.text()) : "";
      throw new HttpStatusError(status, headers, said.slice(0, MOST_SAID));
    }
    throw new TransientError(`the server answered HTTP ${status}`, {
      retryAfterMs: retryAfterMs(headers, this.#timing.now()),
    });
  }

  /** The target of a redirect, if it may be followed. */
  #follow(from: URL, location: string, { mayLeave }: Request): URL {
    if (!URL.canParse(location, from.href)) throw redirectError(from, "the redirect leads nowhere");
    const to = new URL(location, from.href);
    if (to.protocol !== "https:" && to.protocol !== from.protocol)
      throw redirectError(from, `it is redirected from ${from.protocol} to ${to.protocol}`);
    if (to.username !== "" || to.password !== "")
      throw redirectError(from, "the redirect carries credentials");
    if (!mayLeave && !this.holds(to))
      throw redirectError(from, `it is redirected out of the dataset, to ${to.origin}`);
    return to;
  }

  #answer(response: Response, url: URL, watch: Watch): Answer {
    const spend = (units: number) => this.#bytes.spend(units);
    return {
      status: response.status,
      headers: response.headers,
      url,
      async *chunks() {
        try {
          const reader = response.body?.getReader();
          while (reader !== undefined) {
            const { done, value } = await watch.listen(() => reader.read());
            if (done) return;
            await spend(value.byteLength);
            yield value;
          }
        } finally {
          watch.end();
        }
      },
      discard: () => watch.end(),
    };
  }
}

/** Headers of several origins; the later one counts, however its name is written. */
function merged(...parts: (Readonly<Record<string, string>> | undefined)[]): Headers {
  const all = new Headers();
  for (const part of parts)
    for (const [name, value] of Object.entries(part ?? {})) all.set(name, value);
  return all;
}

function redirectError(url: URL, problem: string): ConcordError {
  return new ConcordError("network/failed", `Cannot fetch ${url.href}: ${problem}.`, {
    hint: "A login page or a proxy may be in the way; open the address in a browser.",
  });
}
