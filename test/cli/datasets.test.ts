import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { parseConfig } from "../../src/config/load-config.ts";
import { encodeEdf } from "../../src/domains/eeg/edf/write-edf.ts";
import type { EegConfig } from "../../src/domains/eeg/schema.ts";
import { openEeg } from "../../src/domains/eeg/source/open-eeg.ts";
import { reference } from "../support/backends.ts";
import { concord, filesBelow, startConcord, until } from "../support/cli.ts";
import { type FakeArchive, startFakeArchive } from "../support/fake-archive.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const ONLINE = { CONCORD_OFFLINE: "0" };
const ACCOUNT = { ...ONLINE, EEG_USERNAME: "tester", EEG_PASSWORD: "geheim:5" };

/** A short recording of eight channels. */
function recording(seed: number): Uint8Array {
  const names = ["Fp1", "Fp2", "C3", "C4", "P3", "P4", "O1", "O2"];
  return encodeEdf({
    format: "EDF+C",
    startTime: "2020-01-01T00:00:00",
    recordDuration: 1,
    annotations: [],
    signals: names.map((name, c) => ({
      label: `EEG ${name}`,
      unit: "uV",
      physMin: -500,
      physMax: 500,
      digMin: -32768,
      digMax: 32767,
      samplesPerRecord: 160,
      samples: {
        digital: Int32Array.from({ length: 160 * 20 }, (_, i) =>
          Math.round(2000 * Math.sin(i * (0.1 + 0.03 * c) + seed) + 500 * Math.sin(i * i + seed)),
        ),
      },
    })),
  });
}

const RECORDINGS = {
  "S001/S001R01.edf": recording(1),
  "S001/S001R01.edf.event": Buffer.from("event"),
  "S002/S002R01.edf": recording(2),
};

async function archiveOf(
  options: Parameters<typeof startFakeArchive>[1] = {},
): Promise<FakeArchive> {
  const archive = await startFakeArchive(RECORDINGS, options);
  onTestFinished(() => archive.close());
  return archive;
}

const get = (archive: FakeArchive, dataset: string, ...rest: string[]) => [
  "datasets",
  "get",
  dataset,
  "--from",
  archive.url,
  "--requests-per-second",
  "1000",
  ...rest,
];

test("list says what there is and what it takes", async () => {
  const folder = temporaryFolder();
  const [words, json] = await Promise.all([
    concord(["datasets", "list"], folder),
    concord(["datasets", "list", "--json"], folder),
  ]);
  const all = JSON.parse(json.stdout);
  expect(all).toMatchObject([
    { name: "tuh-eeg", needs_account: true, default_path: "edf/150/aaaaawfy/" },
    { name: "eegmmidb", needs_account: false, licence: "ODC-By-1.0" },
  ]);
  for (const { name, page } of all) expect(words.stdout).toMatch(new RegExp(`${name}[^]*${page}`));
});

test("get fetches a part, says what it did, and a config can name the folder", async () => {
  const folder = temporaryFolder();
  const archive = await archiveOf();
  const command = get(archive, "eegmmidb", "--only", ".edf", "--out", "data");
  const dry = await concord([...command, "--dry-run"], folder, ONLINE);
  expect(dry.stdout).toMatch(/S001\/S001R01\.edf +\d+\.\d KiB +fetch\n/);
  expect(dry.stdout).toMatch(/eegmmidb: 2 of 2 files to fetch into data, \d+ KiB\n$/);
  expect(existsSync(join(folder, "data"))).toBe(false);

  const { code, stdout } = await concord([...command, "--json"], folder, ONLINE);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    dataset: "eegmmidb",
    folder: "data",
    files: 2,
    fetched: 2,
    checked: 0,
    problems: [],
  });
  expect([...filesBelow(join(folder, "data")).keys()].sort()).toEqual([
    "S001/S001R01.edf",
    "S002/S002R01.edf",
    "concord-dataset.jsonl",
  ]);

  const config = `name: open
source: { kind: eeg, paths: data, min_channels: 4, held_out: [S002R01] }
population: { d_sae: 16 }
training: { steps: 1 }
`;
  const [run] = parseConfig(config, "eeg.yaml");
  const source = await openEeg(run!.config.source as EegConfig, {
    baseFolder: folder,
    cacheDir: join(folder, "cache"),
    seed: 0,
    kernels: reference,
  });
  expect(source.dIn).toBe(8 * 160);
  expect(source.train.rowsPerPass).toBeGreaterThan(0);
  expect(source.heldOut.rows).toBeGreaterThan(0);
  await source.close();
});

test("get with an account from the environment works, and no output holds it", async () => {
  const folder = temporaryFolder();
  const archive = await archiveOf({ style: "apache", credentials: "tester:geheim:5" });
  const command = get(archive, "tuh-eeg", "--path", "S001/", "--out", "data");
  const [good, wrong, none] = await Promise.all([
    concord(command, folder, ACCOUNT),
    concord(["--debug", ...command], folder, { ...ACCOUNT, EEG_PASSWORD: "falsch:5" }),
    concord(command, folder, ONLINE),
  ]);
  expect(good.code, good.stderr).toBe(0);
  expect(wrong.code).toBe(1);
  expect(wrong.stderr).toContain("refused the user name or the password (HTTP 401).");
  expect(none.code).toBe(2);
  expect(none.stderr).toMatch(
    /^error: tuh-eeg needs a user name and a password\.\n {2}hint: Set EEG_USERNAME and EEG_PASSWORD; .*\n$/,
  );
  const all = [good, wrong, none].map(({ stdout, stderr }) => stdout + stderr).join("");
  const written = [...filesBelow(folder).values()].join("");
  for (const secret of ["geheim", "falsch", Buffer.from("tester:geheim:5").toString("base64")])
    expect((all + written).includes(secret)).toBe(false);
});

test("get interrupted ends with 130, and the same command goes on", async () => {
  const folder = temporaryFolder();
  const archive = await archiveOf();
  const command = get(archive, "eegmmidb", "--path", "S001/S001R01.edf", "--out", "data");
  archive.stallAfter(20_000);
  const { child, ended } = startConcord(command, folder, ONLINE);
  const part = join(folder, "data/S001/S001R01.edf.part");
  await until("some bytes were there", () => existsSync(part) && statSync(part).size > 0);
  child.kill("SIGINT");
  const { code, stdout, stderr } = await ended;
  expect(stderr).toContain(
    "error: The download was interrupted.\n  hint: Run the same command again: it continues where it stopped.\n",
  );
  expect({ code, stdout }).toEqual({ code: 130, stdout: "" });
  const kept = statSync(part).size;
  expect((await concord(command, folder, ONLINE)).code).toBe(0);
  expect(archive.requestsFor("S001/S001R01.edf").at(-1)!.range).toBe(`bytes=${kept}-`);
  const whole = readFileSync(join(folder, "data/S001/S001R01.edf"));
  expect(whole.equals(RECORDINGS["S001/S001R01.edf"])).toBe(true);
});

test("get killed leaves no whole file that is not, and goes on", async () => {
  const folder = temporaryFolder();
  const archive = await archiveOf();
  const command = get(archive, "eegmmidb", "--only", ".edf", "--out", "data");
  archive.stallAfter(20_000);
  const { child, ended } = startConcord(command, folder, ONLINE);
  const part = join(folder, "data/S001/S001R01.edf.part");
  await until("some bytes were there", () => existsSync(part) && statSync(part).size > 0);
  child.kill("SIGKILL");
  await ended;
  expect(existsSync(join(folder, "data/S001/S001R01.edf"))).toBe(false);
  const after = await concord([...command, "--json"], folder, ONLINE);
  expect(JSON.parse(after.stdout)).toMatchObject({ files: 2, problems: [] });
  const whole = readFileSync(join(folder, "data/S001/S001R01.edf"));
  expect(whole.equals(RECORDINGS["S001/S001R01.edf"])).toBe(true);
});

test("get with something missing tells what, and ends with 1", async () => {
  const folder = temporaryFolder();
  const archive = await archiveOf();
  archive.addHtml("S001/", `<a href="gone.edf">gone.edf</a> 10:00 5`);
  const command = get(archive, "eegmmidb", "--path", "S001/", "--out", "data");
  const { code, stdout, stderr } = await concord(command, folder, ONLINE);
  expect(code).toBe(1);
  expect(stdout).toMatch(/^data: 2 files of eegmmidb/);
  expect(stderr).toContain(
    "warning: S001/gone.edf: the server does not send it (HTTP 404)\n" +
      "error: 1 file or folder is missing.\n",
  );
});

test("misuse is answered with 2, in one line and without what was in the address", async () => {
  const cases = [
    [["--limit-rate", "fast"], "Expected a number of bytes"],
    [["--from", "https://user:word@host/"], "without user name"],
  ] as const;
  const answers = await Promise.all(
    cases.map(([args]) =>
      concord(["datasets", "get", "eegmmidb", ...args], temporaryFolder(), ONLINE),
    ),
  );
  for (const [i, { code, stderr }] of answers.entries()) {
    expect(code).toBe(2);
    expect(stderr).toContain(cases[i]![1]);
    expect(stderr).not.toContain("word");
  }
});

test("offline, nothing is asked", async () => {
  const archive = await archiveOf();
  const { code, stderr } = await concord(get(archive, "eegmmidb"), temporaryFolder());
  expect(code).toBe(2);
  expect(stderr).toContain("CONCORD_OFFLINE");
  expect(archive.requests).toEqual([]);
});
