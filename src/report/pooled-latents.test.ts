import { describe, expect, test } from "vitest";
import { madeMember } from "../../test/support/run-data.ts";
import { largestRandomCosine } from "../base/statistics/largest-random-cosine.ts";
import { bestInOthersNull, pooledLatents } from "./pooled-latents.ts";
import type { MemberLatents } from "./run-data.ts";

const members = ["member-0", "member-1", "independent-2"].map((name) => madeMember(name));
const evaluation = { rows: 10, members };
const floats = (...values: number[]) => Float32Array.from(values);

/** Latents of the members, in another order than theirs. */
const LATENTS = new Map<string, MemberLatents>([
  ["member-1", { density: floats(0.5), bestInOthers: floats(0.75) }],
  ["independent-2", { density: floats(0.125), bestInOthers: floats(0.25) }],
  [
    "member-0",
    { density: floats(0.25, 0), bestInOthers: floats(0.5, 1), bestInTruth: floats(1, 0) },
  ],
]);

describe("the latents of all members in one list", () => {
  test("stand in the order of the members, those of independent ones left out", () => {
    const pooled = pooledLatents(evaluation, LATENTS)!;
    expect(pooled.members).toEqual(["member-0", "member-1"]);
    expect([...pooled.density]).toEqual([0.25, 0, 0.5]);
    expect([...pooled.bestInOthers!]).toEqual([0.5, 1, 0.75]);
  });

  test("lack a quantity that one of them lacks, so that positions stay the same", () => {
    expect(pooledLatents(evaluation, LATENTS)!.bestInTruth).toBeUndefined();
  });

  test("are nothing without densities, without members and before a run is evaluated", () => {
    expect(pooledLatents(evaluation, new Map())).toBeUndefined();
    const outside = { rows: 10, members: [members[2]!] };
    expect(pooledLatents(outside, LATENTS)).toBeUndefined();
    expect(pooledLatents(undefined, LATENTS)).toBeUndefined();
  });
});

describe("the null of the nearest atom of any other member", () => {
  const pooled = pooledLatents(evaluation, LATENTS)!;

  test("is averaged over latents: each has the atoms of the other members to be near to", () => {
    // Two latents have one other atom, one latent has two.
    const wanted = (2 * largestRandomCosine(8, 1) + largestRandomCosine(8, 2)) / 3;
    expect(bestInOthersNull(pooled, LATENTS, 8)).toBeCloseTo(wanted, 12);
  });

  test("does not exist for one member, one dimension or an unknown width", () => {
    const alone = { ...pooled, members: ["member-0"] };
    expect(bestInOthersNull(alone, LATENTS, 8)).toBeUndefined();
    expect(bestInOthersNull(pooled, LATENTS, 1)).toBeUndefined();
    expect(bestInOthersNull(pooled, LATENTS, undefined)).toBeUndefined();
  });

  test("does not exist where one member has all the latents", () => {
    const latents = new Map<string, MemberLatents>([["member-0", { density: floats(1, 1) }]]);
    expect(bestInOthersNull(pooled, latents, 8)).toBeUndefined();
  });
});
