/**
 * Claim: the graph builder keeps up with any scan on one core: 20,000 hosts a second where ten share a certificate,
 * 5,000 where every one has its own, in memory that does not grow; and the graph of five million hosts names its hubs
 * at once.
 *
 * Peer: bare `node:sqlite` that is given the rows which the builder makes, made beforehand, and inserts them by
 * prepared statements into the same schema with the same settings, a transaction a batch. It neither reads a log nor
 * parses JSON, knows every number already, and looks nothing up.
 *
 * Method: logs as a scan writes them (a certificate's record with its DER, ten names, a chain of three), of hosts in
 * an order in which neighbours, who share certificates, come long after each other. Both sides take the same hosts in
 * turn in a process of their own; a sample is the time from the first record to the closed file. Then one builder
 * folds `MARGAY_BENCH_HOSTS` hosts, five million unless told, ten to a certificate, 100,000 at a time so that no more
 * of the log than that is on disk: the next part is written, on the other core, while one is folded. What that
 * process holds in memory is asked at one, two and five million. Needs some 2 GB of disk.
 *
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Bench, Measurement } from "./bench.ts";
import type { BuildAnswer } from "./graph_child.ts";
import { HostLog, type Hosts } from "./graph_hosts.ts";
import { interleave, medianOf } from "./interleave.ts";

export const graph: Bench = {
  name: "graph",
  sentence:
    "Hosts folded into a graph from a log where ten share a certificate, beside bare node:sqlite given the finished rows.",
  unit: "hosts/s",
  programs: [],
  rounds: 3,
  run,
};

const SHARED: Hosts = { count: 200_000, perCertificate: 10 };
const UNIQUE: Hosts = { count: 40_000, perCertificate: 1 };

/** As the executable has them. */
const V8_FLAGS = "--v8-flags=--min-semi-space-size=16,--max-semi-space-size=16,--heap-growing-percent=200";

const SCALE_COUNT = Number(Deno.env.get("MARGAY_BENCH_HOSTS") ?? 5_000_000);
const PART_COUNT = 100_000;
const MILLION = 1_000_000;
/** Millions of hosts at which the memory is asked. */
const MILESTONES = [1, 2, 5];

async function run(rounds: number): Promise<Measurement> {
  const folder = await Deno.makeTempDir({ prefix: "margay-bench-" });
  try {
    const shared = await compare(folder, rounds, SHARED);
    const unique = await compare(folder, rounds, UNIQUE);
    const scale = await measureScale(folder);
    return {
      ours: shared.ours,
      peer: shared.peer,
      extra: {
        per_cpu_second: shared.perCpuSecond,
        unique: unique.ours,
        unique_peer: unique.peer,
        unique_ratio: unique.ours / unique.peer,
        unique_per_cpu_second: unique.perCpuSecond,
        ...scale,
      },
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

type Sample = Pick<BuildAnswer, "seconds" | "cpuSeconds">;

interface Comparison {
  /** Hosts a second. */
  readonly ours: number;
  readonly peer: number;
  readonly perCpuSecond: number;
}

async function compare(folder: string, rounds: number, hosts: Hosts): Promise<Comparison> {
  const log = join(folder, "log");
  await new HostLog(hosts).write(log, hosts.count);
  const path = join(folder, "graph.sqlite");
  const samples = await interleave(rounds, {
    ours: () => inNewFile<Sample>(path, () => fold(path, log)),
    peer: () => inNewFile<Sample>(path, () => insert(path, hosts)),
  });
  await Deno.remove(log, { recursive: true });
  return {
    ours: hosts.count / medianOf(samples.ours, "seconds"),
    peer: hosts.count / medianOf(samples.peer, "seconds"),
    perCpuSecond: hosts.count / medianOf(samples.ours, "cpuSeconds"),
  };
}

async function inNewFile<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } finally {
    await Deno.remove(path);
  }
}

async function fold(path: string, log: string): Promise<Sample> {
  const builder = new Child("build", path);
  const [folded, closed] = [await builder.ask<BuildAnswer>(log), await builder.end<BuildAnswer>()];
  return {
    seconds: folded.seconds + closed.seconds,
    cpuSeconds: folded.cpuSeconds + closed.cpuSeconds,
  };
}

async function insert(path: string, { count, perCertificate }: Hosts): Promise<Sample> {
  return await new Child("bare", path, String(count), String(perCertificate)).end<Sample>();
}

async function measureScale(folder: string): Promise<Record<string, number>> {
  const hosts = { count: SCALE_COUNT, perCertificate: 10 };
  const log = new HostLog(hosts);
  const path = join(folder, "large.sqlite");
  const builder = new Child("build", path);
  const found: Record<string, number> = { scale_hosts: SCALE_COUNT };
  const write = async (part: number) => {
    const place = join(folder, `part${part}`);
    await log.write(place, PART_COUNT);
    return place;
  };
  let next = write(0);
  let seconds = 0;
  let cpuSeconds = 0;
  for (let part = 0; part < SCALE_COUNT / PART_COUNT; part += 1) {
    const place = await next;
    const folding = builder.ask<BuildAnswer>(place);
    const isLast = (part + 1) * PART_COUNT >= SCALE_COUNT;
    if (!isLast) next = write(part + 1);
    const answer = await folding;
    await Deno.remove(place, { recursive: true });
    cpuSeconds += answer.cpuSeconds;
    seconds += answer.seconds;
    const millions = (part + 1) * PART_COUNT / MILLION;
    if (MILESTONES.includes(millions)) found[`mebibytes_${millions}m`] = answer.residentBytes / 2 ** 20;
  }
  await builder.end();
  const hubs = await new Child("hubs", path).end<{ seconds: number }>();
  return {
    ...found,
    scale_per_second: SCALE_COUNT / seconds,
    scale_per_cpu_second: SCALE_COUNT / cpuSeconds,
    graph_mebibytes: (await Deno.stat(path)).size / 2 ** 20,
    hubs_ms: hubs.seconds * 1000,
  };
}

/** A side in a process of its own. */
class Child {
  readonly #child: Deno.ChildProcess;
  readonly #requests: WritableStreamDefaultWriter<Uint8Array>;
  readonly #answers: ReadableStreamDefaultReader<string>;
  #text = "";

  constructor(...args: readonly string[]) {
    this.#child = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "-A",
        "--quiet",
        V8_FLAGS,
        fileURLToPath(new URL("graph_child.ts", import.meta.url)),
        ...args,
      ],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    this.#requests = this.#child.stdin.getWriter();
    this.#answers = this.#child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  async ask<Answer>(line: string): Promise<Answer> {
    await this.#requests.write(new TextEncoder().encode(`${line}\n`));
    return await this.#next<Answer>();
  }

  /** Its last answer. */
  async end<Answer>(): Promise<Answer> {
    await this.#requests.close();
    const answer = await this.#next<Answer>();
    await this.#answers.cancel();
    await this.#child.status;
    return answer;
  }

  async #next<Answer>(): Promise<Answer> {
    while (!this.#text.includes("\n")) {
      const { done, value } = await this.#answers.read();
      if (done) throw new Error("Cannot measure the builder: its process ended before it had answered");
      this.#text += value;
    }
    const [line, ...rest] = this.#text.split("\n");
    this.#text = rest.join("\n");
    return JSON.parse(line!) as Answer;
  }
}
