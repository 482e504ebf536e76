/** What a person is told whose machine has no Gloo, no compiler, or too many networks. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { rankAddress } from "./gloo-exchange.ts";
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

test("the interface that is named is taken, or the only one that is not internal", () => {
  const lo = [address("127.0.0.1", true)];
  const eth0 = [address("10.0.0.3"), address("fe80::1", false, "IPv6")];
  const two = { lo, eth0, ib0: [address("10.1.0.3")] };
  expect(rankAddress({ lo, eth0 })).toBe("10.0.0.3");
  expect(rankAddress(two, "ib0")).toBe("10.1.0.3");
  expect(rankAddress(two, "127.0.0.1")).toBe("127.0.0.1");
  expect(() => rankAddress({ lo })).toThrow(
    "Expected --interface: this machine has lo (127.0.0.1).",
  );
  expect(() => rankAddress(two)).toThrow(
    "Expected --interface: this machine has eth0 (10.0.0.3), ib0 (10.1.0.3).",
  );
  expect(() => rankAddress({ lo }, "eth1")).toThrow(
    "Expected an interface of this machine for --interface (lo (127.0.0.1)) but received eth1.",
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
