import { describe, expect, test } from "vitest";
import { fakeTiming } from "../../../test/support/fake-timing.ts";
import { HttpClient } from "../http/client.ts";
import { readText, walk } from "./walk.ts";

const ROOT = new URL("https://archive.example/data/");
const HTML = { "content-type": "text/html" };

/** A server whose folders list these entries; an entry may be an answer of its own. */
async function listed(
  folders: Readonly<Record<string, readonly string[] | Response>>,
  paths: readonly string[] = [""],
) {
  const asked: string[] = [];
  const timing = fakeTiming();
  const answer = (url: URL) => {
    const path = decodeURIComponent(url.pathname.slice(ROOT.pathname.length));
    asked.push(path);
    const found = folders[path];
    if (found === undefined) return new Response("", { status: 404 });
    if (found instanceof Response) return found;
    const links = found.map((name) => `<a href="${encodeURI(name)}">x</a> 09:00 5\n`);
    return new Response(links.join(""), { headers: HTML });
  };
  const client = new HttpClient(ROOT, {
    timing,
    requestsPerSecond: Number.POSITIVE_INFINITY,
    fetch: async (url) => answer(new URL(String(url))),
  });
  const policy = { attempts: 2, delayMs: 1, timing, signal: undefined, onEvent: undefined };
  const { files, problems } = await walk(client, { root: ROOT, paths, policy, onEvent: undefined });
  return { files: files.map(({ path }) => path), problems, asked };
}

describe("everything below a folder", () => {
  const TREE = {
    "": ["b.edf", "s1/", "s2/"],
    "s1/": ["x.edf", "deep/"],
    "s1/deep/": ["y.edf"],
    "s2/": [],
  };

  test("is listed by path, each folder once", async () => {
    const { files, problems, asked } = await listed(TREE);
    expect(files).toEqual(["b.edf", "s1/deep/y.edf", "s1/x.edf"]);
    expect(problems).toEqual([]);
    expect(asked).toEqual(["", "s1/", "s1/deep/", "s2/"]);
  });

  test("is only that of the paths that were named, files among them", async () => {
    expect((await listed(TREE, ["s1/deep/", "b.edf"])).files).toEqual(["b.edf", "s1/deep/y.edf"]);
    // A folder without its slash, and one named twice.
    expect((await listed(TREE, ["s1", "s1/deep"])).files).toEqual(["s1/deep/y.edf", "s1/x.edf"]);
  });

  test("has names with spaces and signs", async () => {
    const { files } = await listed({ "": ["a b/"], "a b/": ["c&d.edf"] });
    expect(files).toEqual(["a b/c&d.edf"]);
  });
});

describe("a folder", () => {
  test("that was not named and cannot be listed is a problem, the others are listed", async () => {
    const forbidden = new Response("", { status: 403 });
    const { files, problems } = await listed({ "": ["a/", "b.edf"], "a/": forbidden });
    expect(files).toEqual(["b.edf"]);
    expect(problems).toEqual([{ path: "a/", reason: "the folder cannot be listed (HTTP 403)" }]);
  });

  test("that was named and is not there is missing", async () => {
    await expect(listed({}, ["nowhere/"])).rejects.toMatchObject({
      code: "file/missing",
      message: "The dataset has no nowhere/.",
    });
    await expect(listed({ "": ["a.edf"] }, ["b.edf"])).rejects.toThrow("The dataset has no b.edf.");
  });

  test("that was named and may not be seen is a failure of the network", async () => {
    const forbidden = new Response("", { status: 403 });
    await expect(listed({ "a/": forbidden }, ["a/"])).rejects.toMatchObject({
      code: "network/failed",
      message: expect.stringContaining("HTTP 403"),
    });
  });

  test("that contains itself is left after the second time", async () => {
    const { files, problems } = await listed({
      "": ["loop/", "a.edf"],
      "loop/": ["loop/", "a.edf"],
    });
    expect(files).toEqual(["a.edf"]);
    expect(problems).toEqual([
      { path: "loop/", reason: "the folder lists the same as one above it: a loop" },
    ]);
  });

  test("that is very deep is a problem, not a listing without end", async () => {
    const folders = Object.fromEntries(
      Array.from({ length: 40 }, (_, n) => [
        Array.from({ length: n }, (__, i) => `d${i}/`).join(""),
        [`d${n}/`],
      ]),
    );
    const { problems, asked } = await listed(folders);
    expect(problems).toHaveLength(1);
    expect(problems[0]!.reason).toBe("it is more than 16 folders deep");
    expect(asked).toHaveLength(16);
  });

  test("whose page is something else is not taken for an empty one", async () => {
    const json = new Response("{}", { headers: { "content-type": "application/json" } });
    await expect(listed({ "": json })).rejects.toThrow(
      "is not a directory page but application/json.",
    );
  });
});

test.each(["/etc/passwd", "../x", "a/../../b", "a\\b", "a/b\u0000"])(
  "the path %j leads out of the dataset, and nobody is asked",
  async (path) => {
    await expect(listed({ "": [] }, [path])).rejects.toMatchObject({
      code: "argument/invalid",
      message: expect.stringContaining("Expected a path within the dataset"),
    });
  },
);

test("a page of more than 32 MiB is refused while it comes", async () => {
  let chunks = 0;
  async function* endless() {
    for (; ; chunks++) yield new Uint8Array(2 ** 20).fill(32);
  }
  await expect(readText(endless(), ROOT)).rejects.toThrow("is larger than 32 MiB");
  expect(chunks).toBe(32);
});
