import { describe, expect, test } from "vitest";
import { fakeFetch } from "../../../test/support/fake-fetch.ts";
import { fakeTiming } from "../../../test/support/fake-timing.ts";
import { ConcordError } from "../../errors.ts";
import { type Answer, HttpClient } from "./client.ts";
import { HttpStatusError, TransientError } from "./retry.ts";

const ROOT = new URL("https://archive.example/data/");
const FILE = new URL("a.edf", ROOT);

type Options = ConstructorParameters<typeof HttpClient>[1];

function client(
  network: ReturnType<typeof fakeFetch>,
  options: Partial<Options> = {},
  root = ROOT,
) {
  return new HttpClient(root, { timing: fakeTiming(), fetch: network.fetch, ...options });
}

const moved = (location: string, status = 302) =>
  new Response(null, { status, headers: { location } });

async function text(answer: Answer): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const chunk of answer.chunks()) parts.push(chunk);
  return Buffer.concat(parts).toString();
}

describe("an answer", () => {
  test("carries status, headers and the body", async () => {
    const network = fakeFetch(new Response("hello", { headers: { etag: '"1"' } }));
    const answer = await client(network).open(FILE, { mayLeave: true });
    expect([answer.status, answer.headers.get("etag"), answer.url.href]).toEqual([
      200,
      '"1"',
      FILE.href,
    ]);
    expect(await text(answer)).toBe("hello");
  });

  test("is asked for uncompressed, with the headers of the request", async () => {
    const network = fakeFetch(new Response("", { status: 206 }));
    const request = { mayLeave: true, method: "HEAD" as const, headers: { Range: "bytes=5-" } };
    await client(network, { userAgent: "concord/1" }).open(FILE, request);
    expect(network.requests[0]).toMatchObject({
      method: "HEAD",
      headers: { "accept-encoding": "identity", "user-agent": "concord/1", range: "bytes=5-" },
    });
  });

  test.each([408, 425, 429, 500, 503])("of status %i is worth another try", async (status) => {
    const headers = { "retry-after": "7" };
    const network = fakeFetch(new Response(null, { status, headers }));
    const error = await client(network)
      .open(FILE, { mayLeave: true })
      .catch((e: unknown) => e);
    expect(error).toBeInstanceOf(TransientError);
    expect(error).toMatchObject({
      message: `the server answered HTTP ${status}`,
      retryAfterMs: 7000,
    });
  });

  test.each([403, 404, 410, 501])("of status %i is not", async (status) => {
    const network = fakeFetch(new Response(null, { status }));
    const error = await client(network)
      .open(FILE, { mayLeave: true })
      .catch((e: unknown) => e);
    expect(error).toBeInstanceOf(HttpStatusError);
    expect(error).toMatchObject({ status });
  });
});

describe("an account", () => {
  const credentials = { token: "hf_secret" };
  const authorizations = (network: ReturnType<typeof fakeFetch>) =>
    network.requests.map(({ headers }) => headers["authorization"]);

  test("goes to its own server, and to no other that it redirects to", async () => {
    const network = fakeFetch(
      moved("https://storage.example/x"),
      moved("https://archive.example/data/b.edf"),
      new Response("x"),
    );
    await client(network, { credentials }).open(FILE, { mayLeave: true });
    expect(authorizations(network)).toEqual(["Bearer hf_secret", undefined, "Bearer hf_secret"]);
  });

  test("does not go where others could read it on the way", () => {
    expect(() => client(fakeFetch(), { credentials }, new URL("http://archive.example/"))).toThrow(
      "Expected an https address for a dataset that needs an account",
    );
  });

  test("that is refused is said in the caller's words, and whether it was sent", async () => {
    const refused = (_: URL, wasSent: boolean) =>
      new ConcordError("network/failed", `refused, sent: ${wasSent}`);
    const ask = (options: Partial<Options>) =>
      client(fakeFetch(new Response(null, { status: 401 })), { refused, ...options }).open(FILE, {
        mayLeave: true,
      });
    await expect(ask({ credentials })).rejects.toThrow("refused, sent: true");
    await expect(ask({})).rejects.toThrow("refused, sent: false");
    const plain = client(fakeFetch(new Response(null, { status: 401 })));
    await expect(plain.open(FILE, { mayLeave: true })).rejects.toBeInstanceOf(HttpStatusError);
  });
});

describe("a redirect", () => {
  const follow = (location: string, mayLeave = true) =>
    client(fakeFetch(moved(location), new Response("x"))).open(FILE, { mayLeave });

  test("is followed, relative to where it came from", async () => {
    expect((await follow("b/c.edf")).url.href).toBe("https://archive.example/data/b/c.edf");
    expect((await follow("https://elsewhere.example/x")).url.href).toBe(
      "https://elsewhere.example/x",
    );
  });

  test.each([
    ["http://archive.example/data/a.edf", "it is redirected from https: to http:"],
    ["ftp://archive.example/a", "it is redirected from https: to ftp:"],
    ["https://user:word@archive.example/data/", "the redirect carries credentials"],
    ["https://", "the redirect leads nowhere"],
  ])("to %s is not", async (location, problem) => {
    await expect(follow(location)).rejects.toThrow(`Cannot fetch ${FILE.href}: ${problem}.`);
  });

  test("may leave the dataset for a file, and not for a list of files", async () => {
    const problem = "it is redirected out of the dataset, to";
    await expect(follow("https://elsewhere.example/data/", false)).rejects.toThrow(problem);
    // The same server, but another folder.
    await expect(follow("/login", false)).rejects.toThrow(problem);
    await expect(follow("/data/other/", false)).resolves.toMatchObject({ status: 200 });
  });

  test("without end is given up", async () => {
    const network = fakeFetch(...Array.from({ length: 9 }, (_, i) => moved(`/data/${i}`)));
    await expect(client(network).open(FILE, { mayLeave: true })).rejects.toThrow(
      "it was redirected more than 5 times",
    );
    expect(network.requests).toHaveLength(6);
  });

  test("that carries what was asked for is the answer", async () => {
    const headers = { location: "https://storage.example/x", "x-linked-size": "12" };
    const network = fakeFetch(new Response(null, { status: 302, headers }));
    const isAnswer = (given: Headers) => given.has("x-linked-size");
    const answer = await client(network).open(FILE, { mayLeave: true, isAnswer });
    expect([answer.status, network.requests.length]).toEqual([302, 1]);
  });
});

describe("a connection", () => {
  test("that breaks is worth another try, and says why", async () => {
    const network = fakeFetch(() => {
      throw new TypeError("fetch failed", { cause: new Error("ECONNRESET") });
    });
    await expect(client(network).open(FILE, { mayLeave: true })).rejects.toThrow(
      new TransientError("the connection broke (ECONNRESET)"),
    );
  });

  test("that breaks in the middle is, too", async () => {
    let sent = 0;
    const body = new ReadableStream({
      pull(controller) {
        if (sent++ === 0) controller.enqueue(Buffer.from("half"));
        else controller.error(new Error("reset"));
      },
    });
    const answer = await client(fakeFetch(new Response(body))).open(FILE, { mayLeave: true });
    await expect(text(answer)).rejects.toThrow("the connection broke (reset)");
  });

  test("that is silent is given up after the time that is allowed", async () => {
    const network = fakeFetch();
    const silent: typeof fetch = (_, init) =>
      new Promise((__, reject) => {
        init?.signal?.addEventListener("abort", () => reject(new Error("aborted")));
      });
    const asked = client(network, { fetch: silent, stallMs: 20 }).open(FILE, { mayLeave: true });
    await expect(asked).rejects.toThrow("nothing came for 0.02 s");
  });

  test("is closed when the person interrupts", async () => {
    const stop = new AbortController();
    stop.abort();
    const network = fakeFetch(new Response("x"));
    const asked = client(network, { signal: stop.signal }).open(FILE, { mayLeave: true });
    await expect(asked).rejects.toMatchObject({ code: "interrupted" });
  });
});

test("requests and bytes keep to their pace", async () => {
  const timing = fakeTiming();
  const network = fakeFetch(new Response("x".repeat(100)), new Response("y"));
  const paced = client(network, { timing, requestsPerSecond: 2, bytesPerSecond: 100 });
  await text(await paced.open(FILE, { mayLeave: true }));
  expect(timing.sleeps).toEqual([]);
  const second = await paced.open(FILE, { mayLeave: true });
  expect(timing.sleeps).toEqual([500]);
  // The first hundred bytes are paid for after a second, half of which has passed.
  await text(second);
  expect(timing.sleeps).toEqual([500, 500]);
});

test("a dataset holds what lies below its folder", () => {
  const archive = client(fakeFetch());
  const held = (url: string) => archive.holds(new URL(url));
  expect(held("https://archive.example/data/a/b")).toBe(true);
  expect(held("https://archive.example/database/a")).toBe(false);
  expect(held("https://other.example/data/a")).toBe(false);
  expect(held("http://archive.example/data/a")).toBe(false);
});
