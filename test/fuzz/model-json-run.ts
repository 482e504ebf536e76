/**
 * @file Fuzzes `tokenizer.json` and `config.json` in a worker that is watched: an input that takes
 *   longer than five seconds, an error that is not Concord's or not one line, and a worker that
 *   runs out of memory are failures, named by the number of the input.
 *
 *     npx tsx test/fuzz/model-json-run.ts tokenizer 1000000
 *     npx tsx test/fuzz/model-json-run.ts config 1000000 [first input]
 */

import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { ConcordError } from "../../src/errors.ts";
import { type Kind, targetOf } from "./model-json.ts";

const SECONDS_MAX = 5;
const HEAP_MIB = 512;

interface Job {
  readonly kind: Kind;
  readonly from: number;
  readonly to: number;
  /** The input being run, and how many were parsed and refused. */
  readonly state: Int32Array;
}

async function work({ kind, from, to, state }: Job): Promise<void> {
  // The library's own remarks.
  console.warn = () => {};
  const target = await targetOf(kind);
  for (let number = from; number < to; number++) {
    Atomics.store(state, 0, number);
    try {
      target.run(target.input(number));
      Atomics.add(state, 1, 1);
    } catch (error) {
      if (!(error instanceof ConcordError) || error.message === "" || /\n/.test(error.message))
        parentPort!.postMessage(`${kind} ${number}: ${String((error as Error)?.stack ?? error)}`);
      Atomics.add(state, 2, 1);
    }
  }
}

/**
 * Runs a worker over inputs. @returns The first input that is left, where one had to be given up.
 */
function watch(job: Job, fail: (what: string) => void): Promise<number> {
  return new Promise((settle) => {
    // Workers do not inherit what tsx does to imports.
    const entry = `import("tsx/esm/api").then((tsx) => (tsx.register(), import(${JSON.stringify(import.meta.url)})))`;
    const worker = new Worker(entry, {
      eval: true,
      workerData: job,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB },
    });
    let last = { number: -1, since: performance.now() };
    const end = (next: number) => {
      clearInterval(timer);
      void worker.terminate();
      settle(next);
    };
    const timer = setInterval(() => {
      const number = Atomics.load(job.state, 0);
      if (number !== last.number) last = { number, since: performance.now() };
      else if (number >= 0 && performance.now() - last.since > SECONDS_MAX * 1000) {
        fail(`${job.kind} ${number}: takes longer than ${SECONDS_MAX} s`);
        end(number + 1);
      }
    }, 100);
    worker.on("message", fail);
    worker.on("error", (error) => {
      const number = Atomics.load(job.state, 0);
      fail(`${job.kind} ${number}: ended the worker: ${error.message}`);
      end(number < 0 ? job.to : number + 1);
    });
    worker.on("exit", (code) => code === 0 && end(job.to));
  });
}

if (isMainThread) {
  const [kind = "tokenizer", count = "1000000", first = "0"] = process.argv.slice(2);
  const to = Number(first) + Number(count);
  const state = new Int32Array(new SharedArrayBuffer(12));
  let failures = 0;
  const fail = (what: string) => {
    failures++;
    console.log(what);
  };
  for (let from = Number(first); from < to; ) {
    Atomics.store(state, 0, -1);
    from = await watch({ kind: kind as Kind, from, to, state }, fail);
  }
  const [, parsed, refused] = state;
  console.log(`${kind}: ${parsed} parsed, ${refused} refused, ${failures} failures`);
  process.exitCode = failures > 0 ? 1 : 0;
} else await work(workerData as Job);
