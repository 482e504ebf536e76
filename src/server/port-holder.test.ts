import { createServer } from "node:net";
import { expect, test } from "vitest";
import { portHolder } from "./port-holder.ts";

test("who listens on a port is found by its number", async ({ skip }) => {
  if (process.platform !== "linux") skip("only Linux has /proc");
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as { port: number };
  const holder = portHolder(port)!;
  expect(holder.pid).toBe(process.pid);
  expect(holder.command).toContain("node");
  expect(holder.command).not.toContain("\0");
  await new Promise((done) => server.close(done));
  expect(portHolder(port)).toBeUndefined();
});
