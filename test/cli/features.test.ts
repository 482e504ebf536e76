/** `concord features` and `concord feature`: of a run, of SAE folders, and what is misuse. */
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { makeProgram } from "../../src/cli/program.ts";
import { latentCardSchema } from "../../src/evidence/card.ts";
import { saveSae } from "../../src/interchange/saelens.ts";
import { openShardWriter } from "../../src/sources/shards/shard-writer.ts";
import { concord } from "../support/cli.ts";
import { madeSae } from "../support/made-sae.ts";
import { numberedRows } from "../support/stored-rows.ts";
import { TINY_HOOK, writeLetters, writeTinyModel } from "../support/tiny-model.ts";
import { tinyRuns } from "../support/tiny-run.ts";

const home = mkdtempSync(join(tmpdir(), "concord-cli-features-"));
const before = process.cwd();

/** Letters whose tokens could harm a terminal or a page. */
const ODD: Readonly<Record<string, string>> = {
  a: "\u001b",
  b: "<",
  c: "\u009b",
  d: "&",
  e: "\u0007",
  f: "\u202e",
};

/** The tiny model, some of whose letters are odd, and a text of them. */
function writeOddModel(model: string, text: string): void {
  writeTinyModel(model);
  const path = join(model, "tokenizer.json");
  const tokenizer = JSON.parse(readFileSync(path, "utf8"));
  const { vocab } = tokenizer.model;
  tokenizer.model.vocab = Object.fromEntries(
    Object.entries(vocab).map(([letter, id]) => [ODD[letter] ?? letter, id]),
  );
  writeFileSync(path, JSON.stringify(tokenizer));
  // In JSON, for a plain text of control characters is refused.
  const lines = readFileSync("letters.txt", "utf8")
    .split("\n<|endoftext|>\n")
    .map((one) => JSON.stringify({ text: one.replace(/[a-f]/g, (letter) => ODD[letter]!) }));
  writeFileSync(text, lines.join("\n"));
}

const source = (model: string, text: string) =>
  `source={ kind: language_model, model: ${model}, hook: ${TINY_HOOK}, text: ${text}, held_out_fraction: 0.2 }`;

/** Runs: of letters, of odd tokens, of known features without evidence. */
beforeAll(async () => {
  process.chdir(home);
  vi.stubEnv("CONCORD_CACHE", join(home, "cache"));
  vi.stubEnv("CONCORD_OFFLINE", "1");
  writeTinyModel("model");
  writeLetters("letters.txt", 4, 300);
  writeOddModel("odd-model", "odd.jsonl");
  await tinyRuns(join(home), [source("model", "letters.txt"), "runs_folder=runs", "name=letters"]);
  await tinyRuns(join(home), [source("odd-model", "odd.jsonl"), "runs_folder=runs", "name=odd"]);
  await tinyRuns(join(home), ["runs_folder=runs", "name=known"]);
});

afterAll(() => {
  process.chdir(before);
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true, force: true });
});

/** What `concord <args>` prints, run in this process; or the error that it ends with. */
async function said(
  ...args: string[]
): Promise<{ out: string; error?: Error & { hint?: string } }> {
  let out = "";
  const spies = [
    vi.spyOn(process.stdout, "write").mockImplementation((piece) => {
      out += String(piece);
      return true;
    }),
    vi.spyOn(process.stderr, "write").mockImplementation(() => true),
  ];
  try {
    await makeProgram().parseAsync(args, { from: "user" });
    return { out };
  } catch (error) {
    return { out, error: error as Error };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

/** The JSON that it prints. */
async function json(...args: string[]) {
  const { out, error } = await said(...args, "--json");
  expect(error).toBeUndefined();
  return JSON.parse(out);
}

/** The store that the run of letters collected. */
function store(): string {
  const files = readdirSync(".", { recursive: true, encoding: "utf8" });
  const of = files.find(
    (file) => /index\.json$/.test(file) && readFileSync(file, "utf8").includes("letters.txt"),
  );
  return dirname(of!);
}

test("a run's latents that come first, as the run itself ends with", async () => {
  const { code, stdout, stderr } = await concord(["features", "letters"], home);
  expect(stderr).toBe("");
  expect(code).toBe(0);
  const lines = stdout.split("\n");
  expect(stdout).toMatch(/^The latents that most other members have|^Live latents that no other/m);
  expect(stdout).toMatch(
    /^latent +fires on +precision +recall +density +found in +cosine \(null\)$/m,
  );
  expect(
    lines.filter((line) => /^(member|independent)-\d:\d+ .*\d of 3/.test(line)).length,
  ).toBeGreaterThan(5);
  expect(stdout.endsWith("\n")).toBe(true);
  expect(stdout.endsWith("\n\n")).toBe(false);
  const summary = await json("features", "letters");
  expect(summary).toMatchObject({ kind: "language_model", unit: "tokens" });
  const shown = await said("show", "letters");
  for (const { member, latent } of summary.most_idiosyncratic)
    expect(shown.out).toContain(`${member}:${latent}`);
});

test("latents are found by word and number, in one member or all", async () => {
  const first = (await json("features", "letters")).most_idiosyncratic[0];
  const found = await json("features", "letters", "--find", first.label, "--limit", "500");
  expect(found).toContainEqual(first);
  const { out } = await said(
    "features",
    "letters",
    "--find",
    String(first.latent),
    "--member",
    first.member,
  );
  expect(out).toContain(`${first.member}:${first.latent}`);
  expect((await said("features", "letters", "--find", "nothing at all")).out).toBe(
    'No latent has to do with "nothing at all".\n',
  );
  expect(await json("features", "letters", "--find", "nothing at all")).toEqual([]);
  expect(await json("features", "letters", "--find", "1", "--limit", "2")).toHaveLength(2);
});

test("the card of a latent, in a pipe without escape codes, and as JSON", async () => {
  const { code, stdout } = await concord(["feature", "letters", "member-1:3"], home);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^member-1:3 {2}/);
  expect(stdout).toMatch(/^strongest$/m);
  expect(stdout).toMatch(/«[a-z]»/);
  expect(stdout).not.toMatch(/(?!\n)\p{Cc}/u);
  const card = latentCardSchema.parse(await json("feature", "letters", "member-1:3"));
  expect(card).toMatchObject({ member: "member-1", latent: 3 });
  expect(latentCardSchema.parse(await json("feature", "letters", "3")).member).toBe("member-0");
  const few = await said("feature", "letters", "3", "--examples", "1");
  expect(few.out.length).toBeLessThan((await said("feature", "letters", "3")).out.length);
});

test("on a terminal the card is shaded, not littered with escapes", async () => {
  const isTTY = Object.getOwnPropertyDescriptor(process.stdout, "isTTY");
  Object.defineProperty(process.stdout, "isTTY", { value: true, configurable: true });
  try {
    const { out } = await said("feature", "odd", "3");
    expect(out).toContain("\u001b[7m");
    expect(out).not.toContain("\\u001b[7m");
    const rest = ["7", "27", "1", "22"].reduce(
      (text, code) => text.replaceAll(`\u001b[${code}m`, ""),
      out,
    );
    expect(rest).not.toMatch(/(?!\n)\p{Cc}/u);
  } finally {
    if (isTTY) Object.defineProperty(process.stdout, "isTTY", isTTY);
    else Reflect.deleteProperty(process.stdout, "isTTY");
  }
});

test("tokens that are markup or control characters harm neither terminal nor report", async () => {
  const summary = await json("features", "odd");
  const tables = (await said("features", "odd")).out;
  expect(tables).not.toMatch(/(?!\n)[\p{Cc}\u202e]/u);
  const texts = new Set<string>();
  for (const { name, latents } of summary.members)
    for (let latent = 0; latent < latents; latent++) {
      const { examples } = await json("feature", "odd", `${name}:${latent}`);
      for (const { pieces } of examples.top) for (const { text } of pieces) texts.add(text);
      const { out } = await said("feature", "odd", `${name}:${latent}`);
      expect(out).not.toMatch(/(?!\n)[\p{Cc}\u202e]/u);
    }
  // The tokens themselves are kept as they are.
  for (const text of Object.values(ODD)) expect([...texts]).toContain(text);
  await said("report", "odd");
  const page = readFileSync("runs/odd/report.html", "utf8");
  const labels = [...summary.most_recurrent, ...summary.most_idiosyncratic].map(
    ({ label }) => label,
  );
  expect(labels.join()).toMatch(/<|&|\\u/);
  expect(page).not.toMatch(/(?![\n\t])\p{Cc}/u);
  for (const label of labels) {
    const escaped = label
      .replaceAll("&", "&amp;")
      .replaceAll("<", "&lt;")
      .replaceAll('"', "&quot;");
    expect(page).toContain(`<code>${escaped}</code>`);
  }
});

test("a run of another kind of data has its evidence made when it is asked for", async () => {
  const { out, error } = await said("features", "known", "--around", "0", "--rows", "50");
  expect(error).toBeUndefined();
  expect(out).toMatch(/over 50 /);
  const summary = JSON.parse(readFileSync("runs/known/results/features/summary.json", "utf8"));
  expect(summary).toMatchObject({ kind: "synthetic", rows: 50, around: 0 });
  expect(readFileSync("runs/known/report.html", "utf8")).toContain("What latents fire on");
  const again = await said("features", "known", "--rows", "60");
  expect(again.error).toMatchObject({
    message: expect.stringMatching(/known has evidence already, which --rows does not change/),
    hint: expect.stringContaining("--again"),
  });
  expect((await json("features", "known", "--rows", "60", "--again")).rows).toBe(60);
});

test("SAE folders on a store: a folder of evidence that is read like a run's", async () => {
  const saes = ["runs/letters/saes/member-0", "runs/letters/saes/member-1"];
  const args = ["features", ...saes, "--store", store(), "--out", "on-store"];
  const { code, stdout, stderr } = await concord(args, home);
  expect(code, stderr).toBe(0);
  expect(stdout).toMatch(/member-[01]:\d+/);
  const summary = await json("features", "on-store");
  expect(summary.members.map(({ name }: { name: string }) => name)).toEqual([
    "member-0",
    "member-1",
  ]);
  expect(latentCardSchema.parse(await json("feature", "on-store", "member-1:5"))).toMatchObject({
    recurrence: { of: 1 },
  });
  expect((await json("features", "on-store", "--find", "5")).length).toBeGreaterThanOrEqual(2);
});

test("one SAE over a text, through the model that its file names", async () => {
  const args = ["runs/letters/saes/member-0", "--text", "letters.txt", "--context", "8"];
  const { out, error } = await said("features", ...args, "--out", "on-text");
  expect(error).toBeUndefined();
  expect(out).toMatch(
    /^\d+ tokens were looked at\. member-0 has 16 latents, \d+ of them dead, and no other SAE to be compared with\.\n {2}hint: --find /,
  );
  expect((await json("feature", "on-text", "0")).recurrence).toBeNull();
  expect((await said("feature", "on-text", "0")).out).toContain("not compared with other members");
});

test("all latents of a member are exported", async () => {
  const done = await json("features", "letters", "--export", "csv", "--out", "exported");
  expect(done).toMatchObject({ latents: 16 });
  expect(readdirSync("exported").length).toBeGreaterThan(0);
  const to = "of-1";
  const { out } = await said(
    "features",
    "letters",
    "--export",
    "csv",
    "--out",
    to,
    "--member",
    "member-1",
  );
  expect(out).toMatch(/^16 latents of member-1 in \d+ files? below of-1\n/);
});

const SAE = "runs/letters/saes/member-0";

test.each<[what: string, args: string[], message: RegExp, hint?: RegExp]>([
  [
    "no such run",
    ["features", "nobody"],
    /There is no run "nobody" in runs/,
    /known, letters, odd/,
  ],
  ["no such run", ["feature", "nobody", "1"], /There is no run "nobody" in runs/],
  ["no such latent", ["feature", "letters", "99"], /member-0 has no latent 99/, /0 to 15/],
  [
    "no latent at all",
    ["feature", "letters", "car"],
    /number of a latent but received "car"/,
    /member-0:232/,
  ],
  [
    "no such member",
    ["feature", "letters", "nobody:1"],
    /no member "nobody"/,
    /member-0, member-1/,
  ],
  ["no such member", ["features", "letters", "--find", "1", "--member", "x"], /no member "x"/],
  [
    "no such member",
    ["features", "letters", "--export", "csv", "--out", "x", "--member", "x"],
    /no member "x"/,
  ],
  [
    "one SAE without rows",
    ["features", SAE, "--out", "x"],
    /Expected the rows/,
    /--store .*--text/,
  ],
  ["SAEs without rows", ["features", SAE, "runs/letters/saes/member-1"], /Expected the rows/],
  ["a folder of SAEs without rows", ["features", "runs/letters/saes"], /Expected the rows/],
  ["SAEs without --out", ["features", SAE, "--store", "cache"], /Expected --out/],
  [
    "an export of SAEs",
    ["features", SAE, "--store", "x", "--out", "x", "--export", "csv"],
    /--export is for evidence/,
  ],
  ["an export to nowhere", ["features", "letters", "--export", "csv"], /Expected --out/],
  [
    "no store",
    ["features", SAE, "--store", "letters.txt", "--out", "x"],
    /letters\.txt is a file, not an activation store/,
  ],
  [
    "no store",
    ["features", SAE, "--store", "model", "--out", "x"],
    /model is not an activation store/,
  ],
  [
    "a run's own rows",
    ["features", "letters", "--max-tokens", "5"],
    /^--max-tokens is for folders of SAEs/,
  ],
  ["a run's own place", ["features", "letters", "--out", "x"], /^--out is for folders of SAEs/],
  ["more around than is kept", ["features", "known", "--around", "51"], /0 to 50/],
  ["a limit of nothing", ["features", "letters", "--limit", "3"], /^--limit is for --find/],
  [
    "a member of nothing",
    ["features", "letters", "--member", "member-0"],
    /^--member is for --find/,
  ],
  [
    "evidence on other rows",
    ["features", "on-store", "--store", "x"],
    /on-store has evidence already, which --store/,
  ],
])("%s is one line: %j", async (_, args, message, hint = /^/) => {
  const { error } = await said(...args);
  expect(error?.message).toMatch(message);
  expect(error?.message).not.toContain("\n");
  expect(error?.hint ?? "").toMatch(hint);
});

test("misuse ends with 2, and with the hint below the line", async () => {
  const { code, stdout, stderr } = await concord(["features", SAE, "--out", "x"], home);
  expect({ code, stdout, stderr }).toEqual({
    code: 2,
    stdout: "",
    stderr:
      "error: Expected the rows to look at these SAEs on.\n  hint: --store <folder> that `concord collect` wrote, or --text <text>.\n",
  });
});

test("SAEs of another width, and a store without tokens", async () => {
  mkdirSync("narrow");
  await saveSae("narrow/one", madeSae("one"), {});
  const writer = await openShardWriter({
    folder: "plain",
    dIn: 6,
    dtype: "float32",
    provenance: { kind: "language_model" },
  });
  await writer.append(numberedRows(40, 6));
  await writer.finish();
  const wide = await said("features", "narrow/one", "--store", store(), "--out", "x");
  expect(wide.error?.message).toMatch(/rows of d_in 6.*d_in 24/);
  const text = ["--text", "letters.txt", "--out", "x"];
  const unnamed = await said("features", "narrow/one", ...text);
  expect(unnamed.error?.message).toMatch(/one does not say which model it is of; .*--model/);
  const { out, error } = await said(
    "features",
    "narrow/one",
    "--store",
    "plain",
    "--out",
    "numbers",
  );
  expect(error).toBeUndefined();
  expect(out).toMatch(/Latents are described by numbers only\. /);
  expect((await said("feature", "numbers", "1")).out).toMatch(/held-out row \d+/);
});

test("damaged evidence is one line that names the file", async () => {
  cpSync("runs/letters", "runs/damaged", { recursive: true });
  const file = (name: string) => join("runs/damaged/results/features", name);
  truncateSync(file("member-1.safetensors"), 100);
  const cut = await said("feature", "damaged", "member-1:0");
  expect(cut.error?.message).toMatch(/member-1\.safetensors/);
  expect((await said("feature", "damaged", "member-0:0")).error).toBeUndefined();
  truncateSync(file("@rows.safetensors"), 100);
  expect((await said("feature", "damaged", "0")).error?.message).toMatch(/@rows\.safetensors/);
  writeFileSync(file("summary.json"), "<html>");
  const { code, stderr } = await concord(["features", "damaged"], home);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^error: .*summary\.json: not JSON[^\n]*\n$/);
});
