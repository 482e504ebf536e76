/** What a person is told whose machine has no Gloo, no compiler, or too many networks. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { onlyAddress } from "./gloo-exchange.ts";
import { loadGloo } from "./load-gloo.ts";

function thrown(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}

const address = (address: string, internal = false, family: "IPv4" | "IPv6" = "IPv4") => ({
  address,
  internal,
  mac: "",
  netmask: "",
  cidr: null,
  ...(family === "IPv4" ? { family } : { family, scopeid: 0 }),
});

test("the only interface that is not internal is taken", () => {
  const lo = [address("127.0.0.1", true)];
  expect(onlyAddress({ lo, eth0: [address("10.0.0.3"), address("fe80::1", false, "IPv6")] })).toBe(
    "10.0.0.3",
  );
  expect(() => onlyAddress({ lo })).toThrow("this machine has none");
  expect(() => onlyAddress({ eth0: [address("10.0.0.3")], ib0: [address("10.1.0.3")] })).toThrow(
    "Expected one network interface but this machine has eth0 (10.0.0.3), ib0 (10.1.0.3).",
  );
});

test.each([
  ["is missing", undefined, "the compiler ", "apt install g++ libgloo-dev"],
  [
    "finds no headers",
    "gloo/context.h: No such file",
    "the library Gloo was",
    "apt install libgloo",
  ],
  ["finds no library", "ld: cannot find -lgloo", "the library Gloo was not found", "libgloo-dev"],
  ["fails", "gloo.cpp:1: error: odd", "did not compile: gloo.cpp:1: error: odd", "Report it"],
])("a compiler that %s is one line with what to do", (_, says, message, hint) => {
  const folder = temporaryFolder();
  const compiler = join(folder, "compiler");
  if (says) writeFileSync(compiler, `#!/bin/sh\necho '${says}' >&2\nexit 1\n`, { mode: 0o755 });
  expect(thrown(() => loadGloo({ folder, compiler }))).toMatchObject({
    code: "backend/unavailable",
    message: expect.stringContaining(message),
    hint: expect.stringContaining(hint),
  });
});
