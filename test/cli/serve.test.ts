import { spawnSync } from "node:child_process";
import { get } from "node:http";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { concord, startConcord, until } from "../support/cli.ts";
import { listenTo } from "../support/serving.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { tinyRuns } from "../support/tiny-run.ts";

/** A server on a free port, as a person starts it. */
async function started(folder: string, args: readonly string[] = []) {
  const { child, ended } = startConcord(["serve", "--port", "0", ...args], folder);
  let text = "";
  child.stdout!.on("data", (piece: string) => {
    text += piece;
  });
  await until("the server says where it is", () => text.includes("\n"));
  const url = /^(http:\/\/127\.0\.0\.1:\d+) /.exec(text)![1]!;
  return { child, ended, url };
}

function statusOf(url: string): Promise<number> {
  return new Promise((settle, fail) => {
    get(url, { agent: false }, (got) => {
      got.resume();
      settle(got.statusCode ?? 0);
    }).on("error", fail);
  });
}

test.each(["SIGINT", "SIGTERM"] as const)("%s ends the server and its streams", async (signal) => {
  const folder = temporaryFolder();
  const [run] = await tinyRuns(`${folder}/runs`, ["training.steps=2"]);
  await run!.writeRecord({ ...(await run!.readRecord()), status: "interrupted" });
  const { child, ended, url } = await started(folder);
  expect(await statusOf(`${url}/api/runs`)).toBe(200);
  const stream = listenTo(`${url}/api/live?name=tiny`);
  await stream.next("status");
  child.kill(signal);
  const { code, stdout, stderr } = await ended;
  await stream.ended;
  expect(code).toBe(0);
  expect(stdout).toBe(`${url} shows the runs in runs. Ctrl-C ends it.\n`);
  expect(stderr.replace(/^warning: The page was not built.*\n/, "")).toBe("");
});

test("a port that is taken is said with who holds it", async () => {
  const other = createServer();
  await new Promise<void>((done) => other.listen(0, "127.0.0.1", done));
  const { port } = other.address() as { port: number };
  const folder = temporaryFolder();
  const { code, stderr } = await concord(["serve", ".", "--port", String(port)], folder);
  other.close();
  expect(code).toBe(2);
  expect(stderr).toMatch(
    process.platform === "linux"
      ? new RegExp(`^error: Port ${port} is taken by process ${process.pid} \\(`)
      : /^error: Port \d+ is taken/,
  );
  expect(stderr).toContain("--port 0 takes any that is free");
});

test.each<[string, string[], RegExp]>([
  [
    "another address",
    ["--host", "0.0.0.0"],
    /Expected 127\.0\.0\.1 for --host .*\n {2}hint: .*ssh -L/,
  ],
  ["a port that is none", ["--port", "70000"], /Expected a port from 1 to 65535/],
  ["a folder that is not there", [], /error: There is no folder runs to serve\./],
])("%s is refused", async (_, args, message) => {
  const { code, stderr, stdout } = await concord(["serve", ...args], temporaryFolder());
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toMatch(message);
});

test("--json says the address for programs", async () => {
  const folder = temporaryFolder();
  const { child, ended } = startConcord(["serve", ".", "--port", "0", "--json"], folder);
  let text = "";
  child.stdout!.on("data", (piece: string) => {
    text += piece;
  });
  await until("the server says where it is", () => text.includes("\n"));
  const { url, port } = JSON.parse(text) as { url: string; port: number };
  expect(url).toBe(`http://127.0.0.1:${port}`);
  expect(await statusOf(`${url}/api/runs`)).toBe(200);
  child.kill("SIGINT");
  expect((await ended).code).toBe(0);
});

test("other machines cannot reach it", async ({ skip }) => {
  const { stdout } = spawnSync("hostname", ["-I"], { encoding: "utf8" });
  const address = stdout?.split(" ").find((text) => /^\d+\.\d+\.\d+\.\d+$/.test(text));
  if (!address || address.startsWith("127.")) skip("this machine has no other address");
  const folder = temporaryFolder();
  const { child, ended, url } = await started(folder, ["."]);
  const port = new URL(url).port;
  await expect(statusOf(`http://${address}:${port}/`)).rejects.toMatchObject({
    code: "ECONNREFUSED",
  });
  child.kill("SIGINT");
  expect((await ended).code).toBe(0);
});
