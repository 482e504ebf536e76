/** `concord interpret`: latents scored without any API, and by a server of the chat protocol. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chatServer } from "../support/chat-server.ts";
import { concord } from "../support/cli.ts";
import { TINY_HOOK, writeLetters, writeTinyModel } from "../support/tiny-model.ts";
import { tinyRuns } from "../support/tiny-run.ts";

const home = mkdtempSync(join(tmpdir(), "concord-test-"));
const RUN = join(home, "letters");
const SIZES = ["--fragment", "4", "--latents", "3"];

beforeAll(async () => {
  writeTinyModel(join(home, "model"));
  writeLetters(join(home, "letters.txt"), 6, 600);
  const source = `source={ kind: language_model, model: model, hook: ${TINY_HOOK}, text: letters.txt, held_out_fraction: 0.5 }`;
  await tinyRuns(home, [source, "name=letters"]);
  await tinyRuns(home, ["name=known"]);
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const interpret = (args: readonly string[], env = {}) =>
  concord(["interpret", RUN, ...SIZES, ...args], home, { CONCORD_CACHE: home, ...env });
const json = (name: string) =>
  JSON.parse(readFileSync(join(RUN, "results", `${name}.json`), "utf8"));

describe("without any API", () => {
  test("every score stands next to its control, and the report has them", async () => {
    const { code, stdout, stderr } = await interpret([]);
    expect(stderr).not.toMatch(/error|warning/);
    expect(code).toBe(0);
    expect(stdout).toMatch(/score .*member-0 .*control .*simulation .*Best and worst/s);
    const { members, left_out: leftOut, embedders } = json("interpretation");
    expect(members).toHaveLength(4);
    expect(leftOut).toEqual([]);
    expect(Object.keys(embedders)).toEqual(["n_grams", "hidden_state"]);
    for (const { latents, rules, scores, values } of members) {
      expect(latents.length).toBeLessThanOrEqual(3);
      expect(rules).toHaveLength(latents.length);
      expect(Object.keys(scores)).toEqual(Object.keys(values));
      for (const name of ["detection", "simulation", "auroc_n_grams", "intruder_hidden_state"])
        expect(scores[name].control).toEqual(expect.any(Number));
      expect(scores.detection.with_recurrence === null || latents.length > 1).toBe(true);
    }
    expect(readFileSync(join(RUN, "report.html"), "utf8")).toContain("How scores go together");
    const [{ name, latents }] = members;
    const card = await concord(["feature", RUN, `${name}:${latents[0]}`], home);
    expect(card.stdout).toMatch(/Scored by local proxies\n {2}(No rule|Explained by).*detection/s);
  });

  test("the same run has the same scores", async () => {
    const before = json("interpretation");
    expect((await interpret(["--json"])).code).toBe(0);
    expect(json("interpretation")).toEqual(before);
  });

  test("a run without a language model behind it is told so", async () => {
    const { code, stderr } = await concord(["interpret", join(home, "known")], home);
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^error: No language model is behind the rows of .*known\.\n {2}hint: /m,
    );
  });
});

describe("any other judge", () => {
  const [sets, answers] = ["sets.jsonl", "answers.jsonl"].map((name) => join(home, name));
  const lines = () =>
    readFileSync(sets!, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
  const score = (...more: string[]) =>
    concord(["interpret", RUN, "--score-answers", answers!, "--sets", sets!, ...more], home);
  const answered = (of: readonly object[]) =>
    writeFileSync(answers!, of.map((one) => `${JSON.stringify(one)}\n`).join(""));

  test("answers sets that tell nothing of the solution, and is scored", async () => {
    const made = await interpret(["--export-sets", sets!]);
    expect(made.stderr).not.toMatch(/error/);
    const all = lines();
    expect(made.stdout).toBe(`${all.length} sets in ${sets}\n`);
    const kinds = all.map(({ kind }) => kind);
    expect(new Set(kinds)).toEqual(new Set(["detection", "intruder"]));
    for (const { kind, texts, answer } of all) {
      expect(texts).toHaveLength(kind === "detection" ? 20 : 5);
      if (kind === "detection")
        expect(texts.every((t: { marks: null }) => t.marks === null)).toBe(true);
      else expect(answer).toBeLessThan(5);
    }
    expect(
      new Set(all.filter(({ kind }) => kind === "intruder").map((s) => s.answer)).size,
    ).toBeGreaterThan(1);
    answered(all.map(({ id, answer }) => ({ id, answer })));
    const { code, stdout } = await score("--judge", "ann");
    expect(code).toBe(0);
    expect(stdout).toMatch(/member-0 +detection +1 +\[1, 1\] +0\.5 +3/);
    expect(stdout).toMatch(/member-0 +intruder +1 +\[1, 1\] +0\.2 +3/);
    const { member, latent } = all[0];
    const card = await concord(["feature", RUN, `${member}:${latent}`], home);
    expect(card.stdout).toMatch(/Judged by ann\n {2}detection 1\.00 \(chance 0\.50\)/);
  });

  test("what is missing or of another form is counted, and what is of other sets is refused", async () => {
    const all = lines();
    answered([{ id: all[0].id, answer: [1] }]);
    const { stdout, stderr } = await score("--judge", "bob", "--json");
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toEqual({
      judge: "bob",
      scores: [],
      unanswered: all.length - 1,
      malformed: 1,
    });
    answered([{ id: "member-9:0/detection", answer: 1 }]);
    expect((await score("--judge", "bob")).stderr).toMatch(
      /"member-9:0\/detection" is not among the sets/,
    );
    answered([{ id: 3 }]);
    expect((await score("--judge", "bob")).stderr).toMatch(/answers\.jsonl.*line 1, id/);
    expect((await score()).stderr).toMatch(/needs --sets.*and --judge/);
  });
});

describe("with an endpoint", () => {
  const asking = (endpoint: string, ...more: string[]) => [
    "--endpoint",
    endpoint,
    "--judge",
    "tiny-judge",
    ...more,
  ];

  test("latents are explained and scored, and nothing is asked twice", async () => {
    // Busy at first, and once out of form.
    const server = await chatServer((request) =>
      request === 0 ? { status: 429 } : request === 3 ? { status: 200, body: "<html>" } : undefined,
    );
    const args = asking(server.endpoint, "--member", "member-1", "--price", "1", "2");
    const { code, stdout, stderr } = await interpret(args, { CONCORD_LLM_KEY: "sk-1" });
    expect(stderr).toMatch(/\d+ questions are left to ask, at most \d+ \+ \d+ tokens, [\d.]+\n/);
    expect(stderr).toMatch(/3 of 3 latents/);
    expect(code).toBe(0);
    expect(stdout).toContain("the letter a");
    expect(new Set(server.keys)).toEqual(new Set(["Bearer sk-1"]));
    expect(server.questions[0]!.model).toBe("tiny-judge");
    const found = json("interpretation_by_model");
    expect(found.members).toHaveLength(1);
    const [{ scores, latents }] = found.members;
    expect(latents).toHaveLength(3);
    for (const name of ["simulation", "simulation_top", "simulation_random", "detection"])
      expect(Math.abs(scores[name].mean)).toBeLessThanOrEqual(1);
    expect(found.questions.malformed).toBe(0);
    const asked = server.questions.length;
    const again = await interpret(args);
    expect(again.code).toBe(0);
    expect(server.questions).toHaveLength(asked);
    const { questions, ...rest } = json("interpretation_by_model");
    expect(questions.known).toBe(questions.asked);
    expect(rest).toEqual({ ...found, questions: undefined });
    const everything = [stdout, stderr, readFileSync(join(RUN, "interpretation-answers.jsonl"))];
    expect(everything.join()).not.toContain("sk-1");
  });

  test("answers that are not of the form are counted, and their scores left out", async () => {
    const nonsense = JSON.stringify({ choices: [{ message: { content: "I cannot say." } }] });
    const server = await chatServer(() => ({ status: 200, body: nonsense }));
    const other = asking(server.endpoint.replace("127.0.0.1", "localhost"));
    const { code } = await interpret(other.with(3, "nonsense-judge"));
    expect(code).toBe(0);
    const { questions, members } = json("interpretation_by_model");
    expect(questions).toMatchObject({ asked: 3, malformed: 3 });
    expect(members[0].latents[0]).toMatchObject({ explanation: null, scores: {} });
  });

  test("a dry run says the price and asks nothing; a budget ends it, and keeps what was paid for", async () => {
    const server = await chatServer();
    const before = json("interpretation_by_model");
    const priced = ["--member", "member-2", "--dry-run", "--price", "1", "2", "--budget", "0.5"];
    const dry = await interpret(asking(server.endpoint, ...priced, "--json"));
    expect(dry.code).toBe(0);
    const left = JSON.parse(dry.stdout);
    expect(left).toMatchObject({ budget: 0.5, budget_tokens: null });
    expect(left.cost).toBeCloseTo((left.prompt_tokens + 2 * left.completion_tokens) / 1e6, 6);
    expect(json("interpretation_by_model")).toEqual(before);
    const args = asking(server.endpoint, "--member", "member-2", "--budget-tokens", "900");
    const refused = await interpret(args);
    expect(refused.code).toBe(1);
    const most = left.prompt_tokens + left.completion_tokens;
    expect(refused.stderr).toContain(
      `error: Asking the model takes up to ${most} tokens, and the budget is 900.\n  hint: Nothing was asked.`,
    );
    expect(server.questions).toHaveLength(0);
    const ended = await interpret([...args, "--until-spent"]);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(
      /error: Asking the model takes up to \d+ tokens, and the budget is 900\.\n {2}hint: What was paid/,
    );
    const paid = server.questions.length;
    expect(paid).toBeGreaterThan(0);
    // What is there is not priced again; an answer may serve several latents.
    const fewer = await interpret(asking(server.endpoint, "--member", "member-2", "--dry-run"));
    expect(fewer.stdout).toMatch(/^(\d+) questions are left to ask, at most \d+ \+ \d+ tokens\n$/);
    expect(Number.parseInt(fewer.stdout, 10)).toBeLessThanOrEqual(left.questions - paid);
    const whole = await interpret(asking(server.endpoint, "--member", "member-2"));
    expect(whole.code).toBe(0);
    const { asked, known } = json("interpretation_by_model").questions;
    expect(known).toBeGreaterThanOrEqual(paid);
    expect(server.questions.length - paid).toBe(asked - known);
    const sent = server.questions.map((question) => JSON.stringify(question));
    expect(new Set(sent).size).toBe(sent.length);
  });

  test.each([
    [["--endpoint", "localhost:1"], /Expected an http address for --endpoint/],
    [["--endpoint", "http://127.0.0.1:1/v1"], /Expected --judge/],
    [["--judge", "x"], /--judge needs --endpoint or --score-answers/],
    [["--endpoint", "http://127.0.0.1:1/v1", "--judge", "x", "--price", "1"], /two numbers/],
    [["--endpoint", "http://127.0.0.1:1/v1", "--judge", "x", "--budget", "1"], /needs --price/],
    [["--endpoint", "http://127.0.0.1:1/v1", "--judge", "x", "--encoder", "y"], /decides nothing/],
    [["--endpoint", "http://127.0.0.1:1/v1", "--judge", "x", "--until-spent"], /needs --budget or/],
    [["--endpoint", "https://llm.example/v1", "--judge", "x"], /is not on this machine/],
    [
      ["--endpoint", "http://127.0.0.1:1/v1", "--judge", "x", "--member", "none"],
      /There is no member "none"/,
    ],
  ])("%j is misuse", async (args, message) => {
    const { code, stderr } = await interpret(args);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });
});
