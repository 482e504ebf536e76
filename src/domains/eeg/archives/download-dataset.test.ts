import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { filesBelow } from "../../../../test/support/cli.ts";
import {
  type FakeArchive,
  type ListingStyle,
  startFakeArchive,
} from "../../../../test/support/fake-archive.ts";
import { type FakeTiming, fakeTiming } from "../../../../test/support/fake-timing.ts";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import type { DatasetEvent, DatasetOptions } from "../../../fetch/options.ts";
import { downloadDataset } from "./download-dataset.ts";
import { readDatasetManifest } from "./manifest.ts";
import { planDatasetDownload } from "./plan-download.ts";

/** Bytes that no two places share. */
function content(name: string, length: number): Buffer {
  const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, i) =>
    createHash("sha256").update(`${name} ${i}`).digest(),
  );
  return Buffer.concat(blocks).subarray(0, length);
}

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** Compares whole files quickly. */
function same(found: Buffer, expected: Buffer | undefined): void {
  expect(found.equals(expected!)).toBe(true);
}

const BIG = 300_000;
const EEGMMIDB: Readonly<Record<string, Buffer>> = {
  RECORDS: Buffer.from("S001/S001R01.edf\n"),
  "S001/S001R01.edf": content("one", BIG),
  "S001/S001R01.edf.event": content("event", 100),
  "S001/S001R02.edf": content("two", 5000),
  "S002/S002R01.edf": Buffer.alloc(0),
};
const SUMS = Object.entries(EEGMMIDB).map(([path, bytes]) => `${sha256(bytes)} ${path}\n`);

const TUH_PATH = "edf/150/aaaaawfy/";
const TUH: Readonly<Record<string, Buffer>> = {
  [`${TUH_PATH}s001_2010/01_tcp_ar/aaaaawfy_s001_t000.edf`]: content("t0", BIG),
  [`${TUH_PATH}s002_2011/01_tcp_ar/aaaaawfy_s002_t000.edf`]: content("t1", 800),
  "edf/151/other/x.edf": content("x", 10),
};
const ACCOUNT = { user: "nedc-tester", password: "geheim:Ü5" };
const SECRET = `${ACCOUNT.user}:${ACCOUNT.password}`;

interface Place {
  readonly archive: FakeArchive;
  readonly folder: string;
  readonly timing: FakeTiming;
  readonly events: DatasetEvent[];
  readonly options: DatasetOptions;
  /** The bytes of a file here. */
  here(path: string): Buffer;
}

async function place(
  dataset: string,
  files: Readonly<Record<string, Uint8Array>>,
  server: { readonly style?: ListingStyle; readonly credentials?: string } = {},
): Promise<Place> {
  const archive = await startFakeArchive(files, server);
  onTestFinished(() => archive.close());
  const folder = join(temporaryFolder(), "data");
  const timing = fakeTiming();
  const events: DatasetEvent[] = [];
  const options: DatasetOptions = {
    dataset,
    folder,
    timing,
    baseUrl: archive.url,
    requestsPerSecond: 1e9,
    attempts: 3,
    onEvent: (event) => void events.push(event),
  };
  return {
    archive,
    folder,
    timing,
    events,
    options,
    here: (path) => readFileSync(join(folder, path)),
  };
}

const openData = (more: Readonly<Record<string, Uint8Array>> = {}) =>
  place("eegmmidb", { ...EEGMMIDB, "SHA256SUMS.txt": Buffer.from(SUMS.join("")), ...more });

/** TUH as it is: Apache, an account, no published checksums. */
async function clinicalData(): Promise<Place> {
  const made = await place("tuh-eeg", TUH, { style: "apache", credentials: SECRET });
  return { ...made, options: { ...made.options, credentials: ACCOUNT } };
}

/** Restarts that were told of. */
const restarts = ({ events }: Place) =>
  events.flatMap((event) => (event.kind === "restarted" ? [event.reason] : []));

const ranges = ({ archive }: Place, path: string) =>
  archive.requestsFor(path).map(({ range }) => range);

describe("a dataset", () => {
  test("of open data comes whole, each file checked against the published sums", async () => {
    const { options, folder, here, archive } = await openData();
    const result = await downloadDataset(options);
    for (const [path, bytes] of Object.entries(EEGMMIDB)) same(here(path), bytes);
    expect(result).toMatchObject({ files: 6, fetched: 6, checked: 5, problems: [], folder });
    const total = Object.values(EEGMMIDB).reduce((sum, b) => sum + b.byteLength, 0);
    expect(result.receivedBytes).toBe(total + SUMS.join("").length);
    const manifest = (await readDatasetManifest(folder))!;
    expect(manifest.head).toMatchObject({
      dataset: "eegmmidb",
      version: "1.0.0",
      licence: "ODC-By-1.0",
      url: archive.url,
    });
    expect(manifest.files.get("S001/S001R02.edf")).toMatchObject({
      bytes: 5000,
      sha256: sha256(EEGMMIDB["S001/S001R02.edf"]!),
      checked: "sha256",
    });
    expect([...filesBelow(folder).keys()].sort()).toEqual(
      [...Object.keys(EEGMMIDB), "SHA256SUMS.txt", "concord-dataset.jsonl"].sort(),
    );
    expect(archive.requests.every(({ authorization }) => authorization === undefined)).toBe(true);
  });

  test.each(["nginx", "apache", "apache-table"] as const)(
    "behind %s pages with an account comes from its default path",
    async (style) => {
      const made = await place("tuh-eeg", TUH, { style, credentials: SECRET });
      const result = await downloadDataset({ ...made.options, credentials: ACCOUNT });
      expect(result).toMatchObject({ files: 2, fetched: 2, checked: 0, problems: [] });
      for (const path of Object.keys(TUH).filter((p) => p.startsWith(TUH_PATH)))
        same(made.here(path), TUH[path]);
      expect(existsSync(join(made.folder, "edf/151"))).toBe(false);
    },
  );

  test("asked for again costs only the listing, and adds the paths that are new", async () => {
    const { options, archive, folder } = await openData();
    const first = { ...options, paths: ["S001/"], suffixes: [".edf"] };
    expect(await downloadDataset(first)).toMatchObject({ files: 2, fetched: 2 });
    const sent = archive.sentBytes();
    const before = readFileSync(join(folder, "concord-dataset.jsonl"));
    expect(await downloadDataset(first)).toMatchObject({ files: 2, fetched: 0, receivedBytes: 0 });
    expect(archive.sentBytes() - sent).toBe(SUMS.join("").length);
    expect(readFileSync(join(folder, "concord-dataset.jsonl"))).toEqual(before);
    const both = await downloadDataset({
      ...options,
      paths: ["S001", "S002/S002R01.edf", "S001/"],
    });
    expect(both).toMatchObject({ files: 4, fetched: 2, problems: [] });
  });

  test("is planned without writing anything", async () => {
    const { options, folder } = await openData();
    const fresh = await planDatasetDownload({ ...options, paths: ["S001/"] });
    expect(existsSync(folder)).toBe(false);
    expect(fresh.files.map(({ path, state, size }) => [path, state, size?.bytes])).toEqual([
      ["S001/S001R01.edf", "fetch", BIG],
      ["S001/S001R01.edf.event", "fetch", 100],
      ["S001/S001R02.edf", "fetch", 5000],
    ]);
    expect(fresh).toMatchObject({ expectedBytes: BIG + 5100, unknownSizes: 0, hasChecksums: true });
    await downloadDataset({ ...options, paths: ["S001/S001R02.edf"] });
    mkdirSync(join(folder, "S001"), { recursive: true });
    writeFileSync(join(folder, "S001/S001R01.edf.part"), Buffer.alloc(1000));
    writeFileSync(join(folder, "S001/S001R01.edf.event"), "something");
    const later = await planDatasetDownload({ ...options, paths: ["S001/"] });
    expect(later.files.map(({ state }) => state)).toEqual(["resume", "check", "keep"]);
    expect(later.expectedBytes).toBe(BIG - 1000);
  });

  test("says how far it is, up to the last file", async () => {
    const { options, events } = await openData();
    await downloadDataset(options);
    const listed = events.filter((e) => e.kind === "listed");
    expect(listed.at(-1)).toEqual({ kind: "listed", folders: 3, files: 6 });
    const progress = events.filter((e) => e.kind === "progress");
    const received = progress.map((e) => e.receivedBytes);
    expect(received).toEqual([...received].sort((a, b) => a - b));
    expect(progress.at(-1)).toMatchObject({ doneFiles: 6, totalFiles: 6 });
    expect(received.at(-1)).toBe(progress.at(-1)!.expectedBytes);
  });
});

describe("a connection that drops", () => {
  const path = "S001/S001R01.edf";
  const one = (made: Place): DatasetOptions => ({ ...made.options, paths: [path] });

  test("is taken up where it stopped, as long as the file is the same", async () => {
    const made = await openData();
    // The sums come first, whole.
    for (const bytes of [1e9, 100_000, 50_000]) made.archive.breakAfter(bytes);
    const result = await downloadDataset(one(made));
    same(made.here(path), EEGMMIDB[path]);
    expect(result.receivedBytes).toBe(BIG);
    const [first, second, third] = made.archive.requestsFor(path);
    expect(first!.range).toBeUndefined();
    expect(second).toMatchObject({ range: "bytes=100000-", ifRange: expect.stringMatching(/^"/) });
    expect(third!.range).toBe("bytes=150000-");
    expect(made.timing.sleeps.filter((ms) => ms >= 500)).toHaveLength(2);
  });

  test("too often is given up with what came kept and marked, and goes on in the next call", async () => {
    const made = await clinicalData();
    const [path] = Object.keys(TUH) as [string];
    for (const bytes of [120_000, 0, 0]) made.archive.breakAfter(bytes);
    const result = await downloadDataset({ ...made.options, paths: [path] });
    expect(result.problems).toEqual([{ path, reason: expect.stringContaining("the connection") }]);
    expect(existsSync(join(made.folder, path))).toBe(false);
    expect(statSync(join(made.folder, `${path}.part`)).size).toBe(120_000);
    const before = made.archive.requestsFor(path).length;
    expect((await downloadDataset({ ...made.options, paths: [path] })).problems).toEqual([]);
    expect(ranges(made, path).slice(before)).toEqual(["bytes=120000-"]);
    same(made.here(path), TUH[path]);
    expect([...filesBelow(made.folder).keys()].sort()).toEqual(["concord-dataset.jsonl", path]);
  });

  test("in the middle of a file that then changes starts over", async () => {
    const made = await clinicalData();
    const [path] = Object.keys(TUH) as [string];
    made.archive.breakAfter(100_000);
    const newer = content("newer", BIG);
    made.archive.beforeNextFile(() => {});
    made.archive.beforeNextFile(() => made.archive.change(path, newer));
    await downloadDataset({ ...made.options, paths: [path] });
    same(made.here(path), newer);
    expect(restarts(made)).toEqual(["it has changed on the server"]);
  });

  test("is noticed as changed by a server that heeds no If-Range", async () => {
    const made = await clinicalData();
    const [path] = Object.keys(TUH) as [string];
    made.archive.quirks.noIfRange = true;
    made.archive.breakAfter(100_000);
    const newer = content("newer", BIG);
    made.archive.beforeNextFile(() => {});
    made.archive.beforeNextFile(() => made.archive.change(path, newer));
    await downloadDataset({ ...made.options, paths: [path] });
    same(made.here(path), newer);
    expect(ranges(made, path)).toEqual([undefined, "bytes=100000-", undefined]);
  });

  test("starts over with a server that knows no ranges, but not for ever", async () => {
    const made = await openData();
    made.archive.quirks.noRanges = true;
    for (const bytes of [1e9, 100_000, 200_000]) made.archive.breakAfter(bytes);
    await downloadDataset(one(made));
    same(made.here(path), EEGMMIDB[path]);
    expect(restarts(made)).toEqual(Array(2).fill("the server sends whole files only"));

    const again = await openData();
    again.archive.quirks.noRanges = true;
    for (const bytes of [1e9, ...Array(9).fill(100_000)]) again.archive.breakAfter(bytes);
    const { problems } = await downloadDataset(one(again));
    expect(problems).toHaveLength(1);
    // Each attempt brings bytes, but after the first none that had not been there before.
    expect(again.archive.requestsFor(path)).toHaveLength(3);
  });

  test("starts over when nothing tells versions apart, unless a checksum will", async () => {
    const blind = await clinicalData();
    const [path] = Object.keys(TUH) as [string];
    blind.archive.quirks.noValidators = true;
    blind.archive.breakAfter(100_000);
    await downloadDataset({ ...blind.options, paths: [path] });
    expect(ranges(blind, path)).toEqual([undefined, undefined]);
    expect(restarts(blind)[0]).toContain("nothing tells");

    const checked = await openData();
    checked.archive.quirks.noValidators = true;
    for (const bytes of [1e9, 100_000]) checked.archive.breakAfter(bytes);
    await downloadDataset(one(checked));
    expect(ranges(checked, "S001/S001R01.edf")).toEqual([undefined, "bytes=100000-"]);
  });

  test("is noticed without a content length, too", async () => {
    const made = await openData();
    made.archive.quirks.chunked = true;
    for (const bytes of [1e9, 100_000]) made.archive.breakAfter(bytes);
    await downloadDataset(one(made));
    same(made.here(path), EEGMMIDB[path]);
  });

  test("without a word is broken off after a while and taken up", async () => {
    const made = await openData();
    for (const bytes of [1e9, 100_000]) made.archive.breakAfter(bytes);
    made.archive.stallAfter(50_000);
    await downloadDataset({ ...one(made), stallMs: 150 });
    same(made.here(path), EEGMMIDB[path]);
    expect(made.events).toContainEqual(
      expect.objectContaining({ kind: "waiting", reason: "nothing came for 0.15 s" }),
    );
  });

  test("leaves a part that a later call trusts only with the version beside it", async () => {
    const made = await openData();
    mkdirSync(join(made.folder, "S001"), { recursive: true });
    writeFileSync(join(made.folder, `${path}.part`), content("something else", 1000));
    await downloadDataset(one(made));
    same(made.here(path), EEGMMIDB[path]);
    expect(ranges(made, path)).toEqual([undefined]);
  });

  test("removes what a killed download was writing, wherever it lies, and never takes it for data", async () => {
    const made = await openData();
    for (const name of ["S001/S001R01.edf", "S109/S109R14.edf"]) {
      mkdirSync(dirname(join(made.folder, name)), { recursive: true });
      writeFileSync(join(made.folder, `${name}.part.json.tmp-999999999-0`), "{");
    }
    const { files } = await downloadDataset(one(made));
    expect(files).toBe(1);
    expect([...filesBelow(made.folder).keys()].filter((name) => name.includes(".tmp-"))).toEqual(
      [],
    );
  });

  test("after the last byte needs no request to finish", async () => {
    const made = await openData();
    await downloadDataset(one(made));
    const whole = made.here(path);
    const other = { ...one(made), folder: join(temporaryFolder(), "other") };
    mkdirSync(join(other.folder, "S001"), { recursive: true });
    writeFileSync(join(other.folder, `${path}.part`), whole);
    writeFileSync(join(other.folder, `${path}.part.json`), JSON.stringify({ bytes: BIG }));
    const before = made.archive.requestsFor(path).length;
    expect(await downloadDataset(other)).toMatchObject({ fetched: 1, receivedBytes: 0 });
    expect(made.archive.requestsFor(path)).toHaveLength(before);
  });

  test("with more bytes here than there are on the server starts over", async () => {
    const made = await clinicalData();
    const [path] = Object.keys(TUH) as [string];
    mkdirSync(dirname(join(made.folder, path)), { recursive: true });
    writeFileSync(join(made.folder, `${path}.part`), content("long", BIG + 5));
    const stale = { last_modified: "Wed, 09 Sep 2009 00:00:00 GMT" };
    writeFileSync(join(made.folder, `${path}.part.json`), JSON.stringify(stale));
    made.archive.quirks.noIfRange = true;
    await downloadDataset({ ...made.options, paths: [path] });
    same(made.here(path), TUH[path]);
    expect(restarts(made)).toHaveLength(1);
  });
});

describe("a server in trouble", () => {
  test("is asked again after what it asks for, or after a growing wait", async () => {
    const { options, archive, timing } = await openData();
    archive.answerWith(503, { "Retry-After": "7" });
    archive.answerWith(429);
    archive.answerWith(500);
    await downloadDataset({ ...options, paths: ["S001/S001R02.edf"], attempts: 4 });
    expect(timing.sleeps.filter((ms) => ms >= 500)).toEqual([7000, 2000, 4000]);
  });

  test("for good ends in one line, after a bounded number of requests", async () => {
    const { options, archive } = await openData();
    for (let i = 0; i < 20; i++) archive.answerWith(503);
    await expect(downloadDataset(options)).rejects.toMatchObject({
      code: "network/failed",
      message: expect.stringMatching(/^Cannot list http:\S+: the server answered HTTP 503\.$/),
    });
    expect(archive.requests).toHaveLength(3);
  });

  test("with three files in a row is given up, the files before are kept", async () => {
    const made = await openData();
    made.archive.beforeNextFile(() => {});
    // After the sums and the first file, everything breaks.
    for (const bytes of [1e9, 1e9, ...Array(9).fill(0)]) made.archive.breakAfter(bytes);
    await expect(downloadDataset(made.options)).rejects.toMatchObject({ code: "network/failed" });
    same(made.here("RECORDS"), EEGMMIDB["RECORDS"]);
    expect((await downloadDataset(made.options)).problems).toEqual([]);
  });

  test("that is not there at all is named", async () => {
    const { options, archive } = await openData();
    await archive.close();
    await expect(downloadDataset(options)).rejects.toMatchObject({
      code: "network/failed",
      message: expect.stringContaining("ECONNREFUSED"),
    });
  });

  test("is not asked faster than it may be", async () => {
    const { options, timing, archive } = await openData();
    await downloadDataset({ ...options, requestsPerSecond: 4, bytesPerSecond: 100_000 });
    const requests = archive.requests.length;
    const bytes = archive.sentBytes();
    const slept = timing.sleeps.reduce((sum, ms) => sum + ms, 0);
    // The first request and the last chunk are free.
    expect(slept).toBeGreaterThanOrEqual((requests - 1) * 250);
    expect(slept).toBeGreaterThan(((bytes - 70_000) / 100_000) * 1000);
    expect(slept).toBeLessThan(requests * 250 + (bytes / 100_000) * 1000);
  });
});

describe("an account", () => {
  test("that is missing is asked for before any request", async () => {
    const { options, archive } = await place("tuh-eeg", TUH);
    await expect(downloadDataset(options)).rejects.toMatchObject({
      code: "argument/invalid",
      message: "tuh-eeg needs a user name and a password.",
      hint: expect.stringContaining("EEG_USERNAME"),
    });
    expect(archive.requests).toEqual([]);
  });

  test("that is refused ends at once, in one line without the password", async () => {
    const { options, archive } = await clinicalData();
    const wrong = { user: ACCOUNT.user, password: "not-this-one" };
    const error = await downloadDataset({ ...options, credentials: wrong }).catch((e) => e);
    expect(error).toMatchObject({
      code: "network/failed",
      message: expect.stringMatching(/^127\.0\.0\.1:\d+ refused the user name or the password/),
    });
    expect(`${error.stack} ${error.hint}`).not.toContain("not-this-one");
    expect(archive.requests).toHaveLength(1);
  });

  test("is not sent to another server that a file is redirected to", async () => {
    const { options, archive, here } = await clinicalData();
    const [path] = Object.keys(TUH) as [string];
    const elsewhere = await startFakeArchive({ "copy.edf": TUH[path]! });
    onTestFinished(() => elsewhere.close());
    archive.redirect(path, `${elsewhere.url}copy.edf`);
    expect((await downloadDataset({ ...options, paths: [path] })).problems).toEqual([]);
    same(here(path), TUH[path]);
    expect(elsewhere.requests.map(({ authorization }) => authorization)).toEqual([undefined]);
  });

  test("is not sent to one that a directory page is redirected to; that is not followed", async () => {
    const { options, archive } = await clinicalData();
    const elsewhere = await startFakeArchive(TUH);
    onTestFinished(() => elsewhere.close());
    archive.redirect(TUH_PATH, `${elsewhere.url}${TUH_PATH}`);
    await expect(downloadDataset(options)).rejects.toThrow(/redirected out of the dataset/);
    expect(elsewhere.requests).toEqual([]);
  });

  test("goes with a redirect within the same server", async () => {
    const { options, archive, here } = await clinicalData();
    const [path, other] = Object.keys(TUH) as [string, string];
    archive.redirect(path, new URL(other, archive.url).pathname);
    await downloadDataset({ ...options, paths: [path] });
    same(here(path), TUH[other]);
  });

  test("does not go out for a dataset that needs none", async () => {
    const { options, archive } = await openData();
    await downloadDataset({ ...options, credentials: ACCOUNT });
    expect(archive.requests.every(({ authorization }) => authorization === undefined)).toBe(true);
  });

  test("is nowhere on the disk and in no event afterwards", async () => {
    const made = await clinicalData();
    for (const bytes of [100_000, 0, 0]) made.archive.breakAfter(bytes);
    await downloadDataset(made.options);
    const all = [...filesBelow(made.folder).values(), JSON.stringify(made.events)].join("\n");
    for (const secret of [ACCOUNT.user, ACCOUNT.password, Buffer.from(SECRET).toString("base64")])
      expect(all.includes(secret)).toBe(false);
  });

  test.each([
    ["http://archive.example/data/", "Expected an https address"],
    ["https://user:word@archive.example/data/", "without user name"],
    ["ftp://archive.example/data/", "plain http or https"],
    ["nonsense", "plain http or https"],
  ])("does not travel to %s", async (baseUrl, message) => {
    const { options } = await clinicalData();
    let asked = 0;
    const fetch = () => Promise.reject(new Error(`asked ${++asked} times`));
    const error = await downloadDataset({ ...options, baseUrl, fetch }).catch((e) => e);
    expect(error).toMatchObject({ code: "argument/invalid" });
    expect(error.message).toContain(message);
    expect(error.message).not.toContain("word");
    expect(asked).toBe(0);
  });

  test.each([
    ["a:b", "x"],
    ["a", "new\nline"],
    ["", "x"],
    ["a", ""],
  ])("that basic authentication cannot carry is refused (%j)", async (user, password) => {
    const { options } = await clinicalData();
    await expect(
      downloadDataset({ ...options, credentials: { user, password } }),
    ).rejects.toMatchObject({ code: "argument/invalid" });
  });
});

describe("redirects", () => {
  test.each([
    ["round in a circle", () => "S001R02.edf", /more than 5 times/],
    ["from https to http", () => "http://archive.example/x.edf", /from https: to http:/],
    ["with credentials in them", () => "https://u:p@archive.example/x", /carries credentials/],
    ["to nowhere", () => "https://", /leads nowhere/],
  ])("%s are not followed", async (_, location, message) => {
    const { options, archive } = await openData();
    // As if over TLS: the client sees https addresses, the server plain ones.
    const secure = archive.url.replace("http:", "https:");
    const plainly: typeof fetch = (url, init) =>
      fetch(String(url).replace("https:", "http:"), init);
    archive.redirect("S001/S001R02.edf", location());
    await expect(
      downloadDataset({
        ...options,
        baseUrl: secure,
        fetch: plainly,
        paths: ["S001/S001R02.edf"],
      }),
    ).rejects.toThrow(message);
    expect(archive.requests.length).toBeLessThan(10);
  });
});

describe("a server that means ill", () => {
  test("cannot make files outside the folder, and what was refused is told", async () => {
    const { options, archive, folder } = await openData();
    const bait = ["../../../evil.edf", "..%2f..%2fevil.edf", "%2e%2e%2fevil.edf", "/etc/evil.edf"];
    archive.addHtml("S001/", bait.map((href) => `<a href="${href}">evil.edf</a>`).join("\n"));
    const result = await downloadDataset({ ...options, paths: ["S001/"] });
    expect(result.files).toBe(3);
    expect(result.problems.map(({ path }) => path)).toEqual([
      "S001/..%2f..%2fevil.edf",
      "S001/%2e%2e%2fevil.edf",
    ]);
    const above = join(folder, "../..");
    expect([...filesBelow(dirname(folder)).keys()].filter((p) => p.includes("evil"))).toEqual([]);
    expect(existsSync(join(above, "evil.edf"))).toBe(false);
  });

  test("that lists a folder within itself is left after the first round", async () => {
    const { options, archive } = await openData();
    archive.quirks.endless = true;
    const result = await downloadDataset({ ...options, paths: ["maze/"] });
    expect(result.problems).toContainEqual({
      path: "maze/loop/",
      reason: "the folder lists the same as one above it: a loop",
    });
    expect(archive.requests.length).toBeLessThan(10);
  });

  test("that lists ever deeper folders, each another, is left at a depth", async () => {
    const deep = Array.from({ length: 30 }, (_, i) => `d${i}`);
    const { options } = await openData({ [`${deep.join("/")}/x.edf`]: content("deep", 5) });
    await expect(downloadDataset({ ...options, paths: ["d0/"] })).rejects.toThrow(
      /^Nothing can be fetched from d0\/ of eegmmidb: d0\/\S+\/d\d+: it is more than 16 folders deep\.$/,
    );
  });

  test("that sends a web page or compressed bytes for a file is not believed", async () => {
    const made = await clinicalData();
    const [path] = Object.keys(TUH) as [string];
    made.archive.quirks.fileType = "text/html; charset=utf-8";
    const page = await downloadDataset({ ...made.options, paths: [path] });
    expect(page.problems).toEqual([{ path, reason: "the server sends a web page in its place" }]);
    made.archive.quirks.fileType = "application/octet-stream";
    made.archive.quirks.encoding = "x-unknown";
    const packed = await downloadDataset({ ...made.options, paths: [path] });
    expect(packed.problems[0]!.reason).toContain("x-unknown");
    expect(existsSync(join(made.folder, path))).toBe(false);
  });

  test("that sends other bytes than it publishes sums of is found out", async () => {
    const made = await openData();
    made.archive.change("S001/S001R02.edf", content("tampered", 5000));
    const result = await downloadDataset({ ...made.options, paths: ["S001/"] });
    expect(result).toMatchObject({ files: 2, checked: 2 });
    expect(result.problems).toEqual([
      {
        path: "S001/S001R02.edf",
        reason: expect.stringMatching(/^it came with SHA-256 \w{64} where \w{64} is published/),
      },
    ]);
    expect([...filesBelow(join(made.folder, "S001")).keys()]).toEqual([
      "S001R01.edf",
      "S001R01.edf.event",
    ]);
  });

  test("that sends more than may be received is stopped", async () => {
    const made = await openData();
    const few = { ...made.options, maxBytes: 50_000 };
    await expect(downloadDataset(few)).rejects.toMatchObject({ code: "format/too-large" });
    // The page lies about the size, and no length is sent.
    made.archive.quirks.chunked = true;
    made.archive.beforeNextFile(() => {});
    made.archive.beforeNextFile(() =>
      made.archive.change("S001/S001R02.edf", content("long", BIG)),
    );
    await expect(downloadDataset({ ...few, paths: ["S001/S001R02.edf"] })).rejects.toMatchObject({
      code: "format/too-large",
    });
    expect(statSync(join(made.folder, "S001/S001R02.edf.part")).size).toBeLessThanOrEqual(50_000);
  });

  test("whose listing is not a page is named", async () => {
    const { options, archive } = await openData();
    await expect(downloadDataset({ ...options, paths: ["S001/S001R02.edf/"] })).rejects.toThrow(
      /no S001\/S001R02\.edf\//,
    );
    archive.redirect("S001/", new URL("RECORDS", archive.url).pathname);
    await expect(downloadDataset({ ...options, paths: ["S001/"] })).rejects.toThrow(
      /is not a directory page but application\/octet-stream/,
    );
  });
});

describe("what lies here already", () => {
  test("is adopted when it is what the archive has, and left alone when it is not", async () => {
    const made = await openData();
    mkdirSync(join(made.folder, "S001"), { recursive: true });
    writeFileSync(join(made.folder, "S001/S001R02.edf"), EEGMMIDB["S001/S001R02.edf"]!);
    writeFileSync(join(made.folder, "S001/S001R01.edf"), "my own");
    const result = await downloadDataset({ ...made.options, paths: ["S001/"] });
    expect(result).toMatchObject({ files: 2, fetched: 1, checked: 2 });
    expect(result.problems).toEqual([
      { path: "S001/S001R01.edf", reason: expect.stringContaining("left alone") },
    ]);
    expect(made.here("S001/S001R01.edf").toString()).toBe("my own");
    expect(ranges(made, "S001/S001R02.edf")).toEqual([]);
  });

  test("without published sums is compared by size, asked for where the page rounds it", async () => {
    const made = await clinicalData();
    const [path] = Object.keys(TUH) as [string];
    const put = (bytes: Uint8Array) => {
      mkdirSync(dirname(join(made.folder, path)), { recursive: true });
      writeFileSync(join(made.folder, path), bytes);
    };
    put(TUH[path]!.subarray(0, BIG - 1));
    const cut = await downloadDataset({ ...made.options, paths: [path] });
    expect(cut.problems[0]!.reason).toContain(`has ${BIG - 1} bytes where the archive has ${BIG}`);
    put(TUH[path]!);
    const whole = await downloadDataset({ ...made.options, paths: [path] });
    expect(whole).toMatchObject({ files: 1, fetched: 0, problems: [] });
    expect(made.archive.requestsFor(path).map(({ method }) => method)).toEqual(["HEAD", "HEAD"]);
  });

  test("is read again when asked to verify", async () => {
    const made = await clinicalData();
    const [path] = Object.keys(TUH) as [string];
    const options = { ...made.options, paths: [path] };
    await downloadDataset(options);
    expect((await downloadDataset({ ...options, verify: true })).problems).toEqual([]);
    const damaged = made.here(path);
    damaged[5]! ^= 1;
    writeFileSync(join(made.folder, path), damaged);
    expect((await downloadDataset(options)).problems).toEqual([]);
    expect((await downloadDataset({ ...options, verify: true })).problems).toEqual([
      { path, reason: expect.stringContaining("is not what was fetched") },
    ]);
  });

  test("of another dataset is not mixed with this one", async () => {
    const made = await openData();
    await downloadDataset({ ...made.options, paths: ["S001/S001R02.edf"] });
    const other = { ...made.options, dataset: "tuh-eeg", credentials: ACCOUNT };
    await expect(downloadDataset(other)).rejects.toMatchObject({
      code: "run/conflict",
      message: `${made.folder} holds eegmmidb 1.0.0, not tuh-eeg 2.0.1.`,
    });
  });

  test("in a folder that another process fetches into is not touched", async () => {
    const made = await openData();
    mkdirSync(made.folder);
    const lock = JSON.stringify({ host: "another.example", pid: 1 });
    writeFileSync(join(made.folder, "writer.lock"), lock);
    await expect(downloadDataset(made.options)).rejects.toMatchObject({ code: "run/conflict" });
  });

  test("with a damaged manifest is an error that names the line", async () => {
    const made = await openData();
    await downloadDataset({ ...made.options, paths: ["S001/S001R02.edf"] });
    const manifest = join(made.folder, "concord-dataset.jsonl");
    writeFileSync(manifest, `${readFileSync(manifest, "utf8")}{"path":1}\n`);
    await expect(downloadDataset(made.options)).rejects.toThrow(/concord-dataset\.jsonl:3/);
  });
});

describe("the disk", () => {
  test("without room for what is expected is noticed before anything is fetched", async () => {
    const made = await openData();
    const freeBytes = async () => 65 * 2 ** 20;
    const grown = Buffer.alloc(2 * 2 ** 20);
    made.archive.change("S001/S001R01.edf", grown);
    await expect(downloadDataset({ ...made.options, freeBytes })).rejects.toMatchObject({
      code: "file/io",
      message: `eegmmidb needs 3 MiB in ${made.folder}, where 65 MiB are free.`,
    });
    expect(made.archive.requestsFor("S001/S001R01.edf")).toEqual([]);
  });

  test("that fills up ends in one line, with what came kept, marked and gone on from", async () => {
    const made = await clinicalData();
    const [path] = Object.keys(TUH) as [string];
    const options = { ...made.options, paths: [path] };
    const error = await downloadDataset({ ...options, openFile: fullAfter(150_000) }).catch(
      (e) => e,
    );
    expect(error).toMatchObject({
      code: "file/io",
      message: `Cannot write ${join(made.folder, path)}.part: the disk is full (ENOSPC).`,
    });
    const kept = statSync(join(made.folder, `${path}.part`)).size;
    expect(kept).toBeGreaterThan(0);
    expect(kept).toBeLessThanOrEqual(150_000);
    await downloadDataset(options);
    expect(ranges(made, path).at(-1)).toBe(`bytes=${kept}-`);
    same(made.here(path), TUH[path]);
  });
});

/** Opens files on a disk that has room for so many bytes. */
function fullAfter(room: number): typeof open {
  return async (...args) => {
    const handle = await open(...args);
    const write = handle.write.bind(handle) as (
      ...rest: unknown[]
    ) => ReturnType<FileHandle["write"]>;
    let written = 0;
    Object.assign(handle, {
      write: async (bytes: Uint8Array, offset: number, length: number, position: number | null) => {
        const fits = Math.min(length, room - written);
        if (fits <= 0) throw Object.assign(new Error("no space"), { code: "ENOSPC" });
        written += fits;
        return write(bytes, offset, fits, position);
      },
    });
    return handle;
  };
}

describe("an interruption", () => {
  test("keeps what came, and the next call goes on from there", async () => {
    const made = await clinicalData();
    const [path] = Object.keys(TUH) as [string];
    const controller = new AbortController();
    made.archive.stallAfter(100_000);
    const options = { ...made.options, paths: [path] };
    const stopped = downloadDataset({
      ...options,
      signal: controller.signal,
      onEvent: (e) => e.kind === "progress" && e.receivedBytes >= 100_000 && controller.abort(),
    });
    await expect(stopped).rejects.toMatchObject({
      code: "interrupted",
      hint: expect.stringContaining("continues where it stopped"),
    });
    expect(statSync(join(made.folder, `${path}.part`)).size).toBe(100_000);
    expect(existsSync(join(made.folder, "writer.lock"))).toBe(false);
    await downloadDataset(options);
    expect(ranges(made, path).at(-1)).toBe("bytes=100000-");
    same(made.here(path), TUH[path]);
  });

  test("before it began sends nothing", async () => {
    const { options, archive } = await openData();
    const signal = AbortSignal.abort();
    await expect(downloadDataset({ ...options, signal })).rejects.toMatchObject({
      code: "interrupted",
    });
    expect(archive.requests).toEqual([]);
  });
});

describe("what is asked for", () => {
  test.each(["../x", "a/../../b", "/etc", "a\\b", "S001/\u0007"])(
    "may not lead out of the dataset: %j",
    async (path) => {
      const { options, archive } = await openData();
      await expect(downloadDataset({ ...options, paths: [path] })).rejects.toMatchObject({
        code: "argument/invalid",
      });
      expect(archive.requests).toEqual([]);
    },
  );

  test.each([["S999/"], ["S001/none.edf"], ["S999"]])(
    "and is not there is named: %s",
    async (path) => {
      const { options } = await openData();
      await expect(downloadDataset({ ...options, paths: [path] })).rejects.toMatchObject({
        code: "file/missing",
        message: `The dataset has no ${path}.`,
      });
    },
  );

  test("by an unknown name is answered with the names there are", async () => {
    const { options } = await openData();
    await expect(downloadDataset({ ...options, dataset: "tuh" })).rejects.toMatchObject({
      code: "argument/invalid",
      hint: "datasets: tuh-eeg, eegmmidb",
    });
  });

  test("with an ending that no file has says so", async () => {
    const { options } = await openData();
    await expect(
      downloadDataset({ ...options, paths: ["S001/"], suffixes: [".bdf"] }),
    ).rejects.toThrow("None of the 3 files in S001/ of eegmmidb ends in .bdf.");
  });

  test("works where the archive publishes no sums after all", async () => {
    const { options } = await place("eegmmidb", EEGMMIDB);
    const result = await downloadDataset(options);
    expect(result).toMatchObject({ files: 5, checked: 0, problems: [] });
  });
});
