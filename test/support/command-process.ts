/** @file A process that carries out one command line after another (command-process.mjs). */

import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";

/** How a command ended. */
export interface Ended {
  /** null after a signal that was not caught. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command line and its surroundings. */
export interface CommandLine {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

const STREAMS = ["stdout", "stderr"] as const;
/** What both streams end with: a control character, which nothing else prints, and the code. */
const END = new RegExp(`${String.fromCharCode(4)}(\\d+)\n$`);

/** One such process; it ends with the process that made it. */
export class CommandProcess {
  readonly #child: ChildProcess;
  readonly #ready: Promise<unknown>;
  readonly #text = { stdout: "", stderr: "" };
  #settle: ((ended: Ended) => void) | undefined;
  /** Whether it can run another command. */
  isAlive = true;

  constructor() {
    const child = fork(join(import.meta.dirname, "command-process.mjs"), {
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      // What vitest sets for its own processes is not for this one.
      execArgv: [],
      env: {},
    });
    this.#child = child;
    this.#ready = new Promise((ready) => child.once("message", ready).once("close", ready));
    for (const name of STREAMS)
      child[name]!.setEncoding("utf8").on("data", (piece: string) => {
        this.#text[name] += piece;
        this.#settleAtEnd();
      });
    child.on("close", (code) => {
      this.isAlive = false;
      this.#settle?.({ code, ...this.#text });
    });
  }

  /** Runs a command to its end, or to the end of the process. One at a time. */
  async run(command: CommandLine): Promise<Ended> {
    await this.#ready;
    return new Promise((settle) => {
      for (const name of STREAMS) this.#text[name] = "";
      this.#settle = settle;
      this.#child.send(command);
    });
  }

  /** Ends it and the command that it runs. */
  kill(): void {
    this.isAlive = false;
    this.#child.kill("SIGKILL");
  }

  #settleAtEnd(): void {
    const { stdout, stderr } = this.#text;
    const code = END.exec(stdout)?.[1];
    if (code === undefined || !END.test(stderr)) return;
    this.#settle?.({
      code: Number(code),
      stdout: stdout.replace(END, ""),
      stderr: stderr.replace(END, ""),
    });
  }
}
