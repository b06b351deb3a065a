/** A run that is killed again and again, and what its log comes to in the end. */
import { rm } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { readLog, type TlsObservation } from "../../src/observe/mod.ts";
import { margayFromSource } from "../lab/margay.ts";
import type { RandomSource } from "../lab/seeded_random.ts";

/** What is to be killed, and how often. */
export interface Killing {
  /** Behind `margay scan`: targets and options, without an output. */
  readonly scan: readonly string[];
  /** Where the log goes. */
  readonly folder: string;
  /** How many kills at the most: a run that is done cannot be killed any more. */
  readonly kills: number;
  /** Kills come up to so many milliseconds after a process of the run has begun. */
  readonly spreadMs: number;
  readonly random: RandomSource;
  /** What each is killed by; SIGKILL unless told. */
  readonly signal?: () => Deno.Signal;
  /** Options beside `--resume`, of each resumption. */
  readonly resume?: () => readonly string[];
  /** Whether the builders of the graph are killed as well, a while after each process of the run has begun. */
  readonly killsBuilders?: boolean;
  /** Called behind each kill, before the run is gone on with. */
  readonly onKilled?: () => void | Promise<void>;
}

/** What became of it. */
export interface Killed {
  readonly kills: number;
  readonly builderKills: number;
  /** Of the last process, that nobody killed. */
  readonly exitCode: number;
  readonly standardError: string;
}

/** How margay exits when it is interrupted. */
const INTERRUPTED = 130;

/** Starts a run, kills it at a random instant, resumes it, and so on; the last process goes to the end. */
export async function killAndResume(killing: Killing): Promise<Killed> {
  const { scan, folder, kills, spreadMs, random, resume = () => [], onKilled } = killing;
  const { signal = () => "SIGKILL", killsBuilders = false } = killing;
  let made = 0;
  let builderKills = 0;
  for (;;) {
    // A run that was killed before it had begun is none: it starts again, as it is told to.
    const hasBegun = await begins(folder);
    if (!hasBegun) await rm(folder, { recursive: true, force: true });
    const args = hasBegun ? ["--resume", folder, ...resume()] : [...scan, "-o", folder];
    const builders = killsBuilders ? killBuilder(folder, random() * spreadMs) : undefined;
    const ended = made < kills
      ? await runUpTo(args, { milliseconds: random() * spreadMs, signal: signal() })
      : await runUpTo(args);
    builderKills += await builders ?? 0;
    if (ended !== "killed") return { kills: made, builderKills, ...ended };
    made++;
    await onKilled?.();
  }
}

/** Runs margay until it is killed, or to its end. */
async function runUpTo(
  args: readonly string[],
  kill?: { readonly milliseconds: number; readonly signal: Deno.Signal },
): Promise<"killed" | Pick<Killed, "exitCode" | "standardError">> {
  const [program, ...rest] = margayFromSource();
  const child = new Deno.Command(program!, {
    args: [...rest, "scan", ...args],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const standardError = new Response(child.stderr).text();
  const ended = new AbortController();
  const killing = kill &&
    delay(kill.milliseconds, undefined, { signal: ended.signal }).then(
      () => child.kill(kill.signal),
      () => {},
    );
  const { code, signal } = await child.status;
  ended.abort();
  await killing;
  const result = { exitCode: code, standardError: await standardError };
  return signal !== null || code === INTERRUPTED ? "killed" : result;
}

/** Kills whatever builds the graph of a run, after a while; resolves to how many that were. */
async function killBuilder(folder: string, milliseconds: number): Promise<number> {
  await delay(milliseconds);
  let killed = 0;
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const command = await Deno.readTextFile(`/proc/${name}/cmdline`).catch(() => "");
    if (!command.includes(`\0--follow\0${folder}\0`)) continue;
    try {
      Deno.kill(Number(name), "SIGKILL");
      killed++;
    } catch (error) {
      // It has ended by itself.
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return killed;
}

/** Whether a log says what its run was asked for. */
async function begins(folder: string): Promise<boolean> {
  try {
    for await (const { type } of readLog(folder)) return type === "run";
  } catch {
    // There is no folder yet, or no segment in it.
  }
  return false;
}

/** A log folded: each fact once. Plain JSON, so that it can leave the lab. */
export interface FoldedLog {
  /** `address:port` of each host. */
  readonly hosts: readonly string[];
  /** By `address:port`, with ` name` where one was asked for: the outcome and the fingerprints of the chain. */
  readonly captures: Readonly<Record<string, string>>;
  /** Fingerprints of each certificate in the log. */
  readonly certificates: readonly string[];
  /** Records of hosts and certificates that say what another one has said. */
  readonly repeated: { readonly hosts: number; readonly certificates: number };
  /** How many processes the run took, as far as they came to say so. */
  readonly processes: number;
  readonly checkpoints: number;
  /** Of the end, if the log ends with one. */
  readonly end: { readonly reason: string; readonly counters: Readonly<Record<string, number>> } | undefined;
}

/** Folds the log in a folder. */
export async function foldLog(folder: string): Promise<FoldedLog> {
  const hosts = new Set<string>();
  const captures = new Map<string, string>();
  const certificates = new Set<string>();
  const repeated = { hosts: 0, certificates: 0 };
  let processes = 0;
  let checkpoints = 0;
  let end: FoldedLog["end"];
  for await (const record of readLog(folder)) {
    end = undefined;
    if (record.type === "host") {
      const host = `${record.address}:${record.port}`;
      if (hosts.has(host)) repeated.hosts++;
      hosts.add(host);
    } else if (record.type === "certificate") {
      if (certificates.has(record.fingerprint)) repeated.certificates++;
      certificates.add(record.fingerprint);
    } else if (record.type === "tls") {
      // What this side broke off says nothing of the server.
      if (record.outcome !== "abandoned") captures.set(keyOf(record), `${record.outcome} ${record.chain}`);
    } else if (record.type === "run" || record.type === "resume") {
      processes++;
    } else if (record.type === "checkpoint") {
      checkpoints++;
    } else if (record.type === "end") {
      end = { reason: record.reason, counters: record.counters };
    }
  }
  return {
    hosts: [...hosts].sort(),
    captures: Object.fromEntries([...captures].sort(([a], [b]) => a < b ? -1 : 1)),
    certificates: [...certificates].sort(),
    repeated,
    processes,
    checkpoints,
    end,
  };
}

function keyOf({ address, port, server_name: name }: TlsObservation): string {
  return `${address}:${port}${name === undefined ? "" : ` ${name}`}`;
}
