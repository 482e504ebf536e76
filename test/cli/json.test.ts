/**
 * @file Every verb that prints JSON prints one line of it, whose keys are in snake_case. Run in
 *   this process, for speed.
 */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { float32Tensor } from "../../src/base/tensor.ts";
import { leavesOf } from "../../src/cli/cli-page.ts";
import { makeProgram } from "../../src/cli/program.ts";
import { serializeNpy } from "../../src/formats/npy.ts";
import { edfRecording } from "../support/eeg-recording.ts";
import { startFakeArchive } from "../support/fake-archive.ts";
import { orbitRows, quarterTurns } from "../support/orbits.ts";
import { TINY_HOOK, writeLetters, writeTinyModel } from "../support/tiny-model.ts";

const CONFIG = `
name: tiny
source: { kind: synthetic, d_in: 8, features: 8, groups: 2, active: 2, held_out_rows: 64 }
population: { members: 2, independent: 1, d_sae: 16, k: [1, 2], aux_k: { dead_after_tokens: 40 } }
coupling: { weight: 0.5 }
training: { batch: 16, steps: 3 }
`;

const EEG = `
name: eeg
source: { kind: eeg, paths: rec, held_out_fraction: 0.5, min_channels: 3, channels: [Fp1, Cz, O1] }
population: { members: 1, d_sae: 24, k: 4 }
training: { batch: 8, steps: 2 }
`;

const LANGUAGE = `
name: language
source: { kind: language_model, model: ./model, hook: ${TINY_HOOK}, text: letters.txt, context: 8 }
population: { members: 1, d_sae: 24, k: 4 }
training: { batch: 16, steps: 2 }
`;

const ORBITS = `
name: orbits
source: { kind: arrays, path: orbits.npy, orbit: { group: c4 } }
population: { members: 1, d_sae: 4, k: 1 }
training: { batch: 4, steps: 1 }
`;

/**
 * Keys below these are names: of tools and packages, channels, keys of the config, thresholds, or
 * what a user asked for.
 */
const NAMES = /^(versions|tools|rejected_by|columns|axes|setting|shared|shared_null)$/;

/** Keys that are not in snake_case, with their paths. */
function wrongKeys(value: unknown, path = ""): string[] {
  if (Array.isArray(value)) return value.flatMap((v, i) => wrongKeys(v, `${path}[${i}]`));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    ...(/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(key) ? [] : [`${path}.${key}`]),
    ...(NAMES.test(key) ? [] : wrongKeys(inner, `${path}.${key}`)),
  ]);
}

/** A task for the tokenizer of letters. */
const TASK = `
name: letters
templates: ["the {x} ran ", "a {x} sat "]
slots: { x: { b: [ab, cd, ij], c: [ef, gh, kl] } }
change: x
`;

const PLACE = ["--model", "model"];

/** A run at a later hook, as short as can be. */
const LATER = ["source.hook=blocks.1.hook_resid_post", "analyses=[evaluation]"].flatMap((one) => [
  "--set",
  one,
]);

/** What `concord <args>` prints, run in this process. */
async function printed(...args: string[]): Promise<string> {
  let text = "";
  const out = vi.spyOn(process.stdout, "write").mockImplementation((piece) => {
    text += String(piece);
    return true;
  });
  const err = vi.spyOn(process.stderr, "write").mockImplementation(() => true);
  try {
    await makeProgram().parseAsync(args, { from: "user" });
  } finally {
    out.mockRestore();
    err.mockRestore();
  }
  return text;
}

const EXAMPLES = resolve(import.meta.dirname, "../../examples");

const COMMANDS: Readonly<Record<string, (folder: string) => Promise<string[][]>>> = {
  run: async () => [
    ["tiny.yaml"],
    ["tiny.yaml", "--name", "swept", "--set", "sweep.population.lr=[0.1, 0.01]"],
    ["eeg.yaml"],
    ["language.yaml"],
    ["language.yaml", "--name", "later", ...LATER],
  ],
  plan: async () => [["tiny.yaml"], ["tiny.yaml", "--set", "seed=[0, 1]"], ["eeg.yaml"]],
  runs: async () => [[], ["--columns", "population.k,lr"]],
  show: async () => [["tiny"], ["swept"], ["eeg"]],
  report: async () => [["tiny"], ["swept"]],
  "models list": async () => [[]],
  "models hooks": async () => [["model"]],
  "models eval": async () => [["model", "--text", "letters.txt"]],
  eval: async () => [["language", "--text", "letters.txt", "--context", "8"]],
  interpret: async () => [["language", "--fragment", "4", "--latents", "2"]],
  steer: async () => [
    ["language", "0", "--model", "model", "--prompt", "abc", "--ablate", "--tokens", "2"],
    ["language", "0", "--model", "model", "--text", "letters.txt", "--add", "1", "--context", "8"],
  ],
  patch: async () => [
    ["language", ...PLACE, "--task", "task.yaml", "--pairs", "2", "--min-accuracy", "0"],
  ],
  erase: async () => [
    ["language", ...PLACE, "--task", "task.yaml", "--pairs", "2", "--min-accuracy", "0"],
  ],
  graph: async () => [
    ["language", "later", ...PLACE, "--text", "letters.txt", "--most", "1", "--max-tokens", "24"],
  ],
  case: async () => [
    ["language", "member-0:2", ...PLACE, "--text", "letters.txt", "--regex", "[aeiou]"],
  ],
  lens: async () => [["model", "--prompt", "abc"]],
  baseline: async () => [["random", "--run", "tiny", "--out", "baselines"]],
  collect: async () => [
    ["--model", "model", "--hook", TINY_HOOK, "--text", "letters.txt", "--out", "store"],
  ],
  "datasets list": async () => [[]],
  "datasets get": async () => {
    vi.stubEnv("CONCORD_OFFLINE", "0");
    const archive = await startFakeArchive({ "S001/a.edf": edfRecording({ seconds: 2 }) });
    onTestFinished(async () => {
      vi.stubEnv("CONCORD_OFFLINE", "1");
      await archive.close();
    });
    const get = ["eegmmidb", "--from", archive.url, "--out", "data"];
    return [[...get, "--dry-run"], get];
  },
  "edf info": async () => [["rec/a.edf"]],
  analyse: async () => [["tiny", "agreement"]],
  features: async () => [
    ["tiny"],
    ["language", "--find", "1"],
    ["language", "--export", "csv", "--out", "exported"],
  ],
  feature: async () => [
    ["tiny", "1"],
    ["language", "member-0:2"],
  ],
  "saes info": async () => [["runs/tiny/saes/member-0"]],
  "saes convert": async () => [["runs/tiny/saes/member-0", "--out", "converted"]],
  "saes check": async () => [["converted"]],
  compare: async () => [["tiny"]],
  consensus: async () => [
    ["runs/tiny/saes/member-0", "runs/tiny/saes/member-1", "--tau", "-1", "--out", "agreed"],
  ],
  "ensemble bag": async () => [
    ["runs/tiny/saes/member-0", "runs/tiny/saes/member-1", "--out", "bag", "--config", "tiny.yaml"],
  ],
  "ensemble boost": async () => {
    const one = ["members=1", "independent=0", "k=1"].map((key) => `population.${key}`);
    const settings = [...one, "coupling.weight=0"].flatMap((setting) => ["--set", setting]);
    return [["tiny.yaml", "--stages", "2", "--out", "boosted", ...settings]];
  },
  "jobs list": async () => [[]],
  "study list": async () => [[EXAMPLES]],
  "study run": async () => [[join(EXAMPLES, "study"), "--dry-run"]],
  "study render": async () => [[join(EXAMPLES, "study"), "--check"]],
  encode: async () => [
    ["--sae", "runs/tiny/saes/member-0", "--input", "x.npy", "--out", "c.safetensors"],
  ],
  symmetry: async () => [
    ["orbits.npy", "--method", "adam", "--epochs", "2", "--out", "M.npy"],
    ["orbits.npy", "--action", "M.npy"],
    ["orbits.yaml"],
  ],
  denoise: async () => [["rec/a.edf", "-o", "out.edf", "--sae", "runs/eeg/saes/member-0"]],
  doctor: async () => [[]],
};

let folder = "";
const before = process.cwd();

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "concord-test-"));
  process.chdir(folder);
  vi.stubEnv("CONCORD_CACHE", join(folder, "cache"));
  vi.stubEnv("CONCORD_OFFLINE", "1");
  writeFileSync("tiny.yaml", CONFIG);
  writeFileSync("eeg.yaml", EEG);
  writeFileSync("language.yaml", LANGUAGE);
  writeFileSync("task.yaml", TASK);
  writeFileSync("x.npy", serializeNpy(float32Tensor([5, 8], new Float32Array(40).fill(0.5))));
  const orbits = orbitRows(quarterTurns(4), 4, 20);
  writeFileSync("orbits.npy", serializeNpy(float32Tensor([20, 4, 4], orbits)));
  writeFileSync("orbits.yaml", ORBITS);
  mkdirSync("rec");
  for (const [i, name] of ["a", "b", "c"].entries())
    writeFileSync(`rec/${name}.edf`, edfRecording({ seed: i, seconds: 12 }));
  writeTinyModel("model");
  writeLetters("letters.txt", 3, 40);
  return () => {
    process.chdir(before);
    rmSync(folder, { recursive: true });
  };
});

/**
 * `serve` goes on until it is interrupted, and jobs are processes of their own: what these print is
 * tested in serve.test.ts and jobs.test.ts.
 */
const ELSEWHERE = ["serve", "jobs watch", "jobs cancel"];
const verbs = leavesOf(makeProgram()).filter(
  ({ path, command }) =>
    !ELSEWHERE.includes(path) && command.options.some(({ long }) => long === "--json"),
);

test("every verb with --json is tried here", () => {
  expect(verbs.map(({ path }) => path).toSorted()).toEqual(Object.keys(COMMANDS).toSorted());
});

// In the order of the help: runs are made before they are shown.
test.each(verbs.map(({ path }) => path))(
  "%s --json",
  async (path) => {
    for (const args of await COMMANDS[path]!(folder)) {
      const text = await printed(...path.split(" "), ...args, "--json");
      expect(text.indexOf("\n"), `${path} ${args.join(" ")}`).toBe(text.length - 1);
      expect(wrongKeys(JSON.parse(text)), `${path} ${args.join(" ")}`).toEqual([]);
    }
  },
  240_000,
);
