import { expect, test } from "vitest";
import type { Domain } from "../../domains/domain.ts";
import { DOMAINS } from "../../domains/domains.ts";
import { WING_VERBS } from "./wings.ts";

test("every verb that a wing lists is there, and no other", () => {
  const listed = DOMAINS.flatMap((domain: Domain) => domain.verbs ?? []);
  expect(Object.keys(WING_VERBS).sort()).toEqual(listed.toSorted());
});
