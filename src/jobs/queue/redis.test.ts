import { createServer, type Server } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { parseRedis, showRedis, tryRedis } from "./redis.ts";

let server: Server | undefined;
afterEach(() => void server?.close());

const bulk = (text: string) => `$${Buffer.byteLength(text)}\r\n${text}\r\n`;

/** A server that knows a few commands of Redis, by their first word. */
async function fakeRedis(answers: Readonly<Record<string, string>>): Promise<URL> {
  server = createServer((socket) => {
    socket.on("data", (data) => {
      // Commands are arrays of bulk strings; each begins with `*`.
      for (const command of data.toString().split(/(?=\*\d+\r\n)/)) {
        const words = command.split("\r\n").filter((_, i) => i > 0 && i % 2 === 0);
        const known = [words.slice(0, 3).join(" "), words[0] ?? ""].map((one) => one.toLowerCase());
        socket.write(known.map((one) => answers[one]).find(Boolean) ?? "+OK\r\n");
      }
    });
    socket.on("error", () => undefined);
  });
  await new Promise<void>((done) => server!.listen(0, "127.0.0.1", done));
  return new URL(`redis://127.0.0.1:${(server!.address() as { port: number }).port}`);
}

const info = (version: string) => bulk(`# Server\r\nredis_version:${version}\r\n`);
const setting = (name: string, value: string) => `*2\r\n${bulk(name)}${bulk(value)}`;

describe("a server", () => {
  test("that is as it should be gives no advice", async () => {
    const url = await fakeRedis({
      info: info("7.0.15"),
      "config get appendonly": setting("appendonly", "yes"),
      "config get maxmemory-policy": setting("maxmemory-policy", "noeviction"),
    });
    expect(await tryRedis(url)).toEqual([]);
  });

  test("that would forget jobs is told of", async () => {
    const url = await fakeRedis({
      info: info("7.0.15"),
      "config get appendonly": setting("appendonly", "no"),
      "config get maxmemory-policy": setting("maxmemory-policy", "allkeys-lru"),
    });
    expect(await tryRedis(url)).toEqual([
      expect.stringContaining("keeps jobs in memory only"),
      expect.stringContaining("may drop jobs when its memory is full"),
    ]);
  });

  test("that does not tell its settings is used", async () => {
    const url = await fakeRedis({ info: info("6.2.0"), config: "-ERR unknown command\r\n" });
    expect(await tryRedis(url)).toEqual([]);
  });

  test.each([
    [{ info: info("5.0.3") }, /has version 5.0.3; a queue needs 6.2 or later/],
    [{ info: "-NOAUTH Authentication required.\r\n" }, /asks for a password/],
    [{ info: "-NOPERM no permissions\r\n" }, /does not allow it/],
  ])("that cannot be used is refused in one line (%#)", async (answers, message) => {
    await expect(tryRedis(await fakeRedis(answers))).rejects.toThrow(message);
  });

  test("that refuses the password never has it shown", async () => {
    const url = await fakeRedis({
      auth: "-WRONGPASS invalid username-password pair\r\n",
      info: "-NOAUTH Authentication required.\r\n",
    });
    url.password = "hidden-word";
    const error = await tryRedis(url).catch((e: unknown) => e);
    expect(error).toMatchObject({ message: `Redis at ${showRedis(url)} refuses the password.` });
    expect((error as Error).message).not.toContain("hidden-word");
  });

  test("that is not there is named", async () => {
    await expect(tryRedis(new URL("redis://127.0.0.1:9"))).rejects.toThrow(
      "Redis at 127.0.0.1:9 does not answer (connect ECONNREFUSED 127.0.0.1:9).",
    );
  });
});

test.each([undefined, "lab1:6379", "http://lab1", "redis://"])("%s is not an address", (text) => {
  expect(() => parseRedis(text)).toThrow(/^Expected the address of a Redis server/);
});

test("an address with a password is taken, and refused without showing it", () => {
  expect(parseRedis("rediss://:word@lab1").hostname).toBe("lab1");
  expect(() => parseRedis("http://:hidden-word@lab1")).toThrow(expect.not.stringMatching("hidden"));
});
