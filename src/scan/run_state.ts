import { NO_PROGRESS, type WalkProgress } from "../../ffi/mod.ts";
import type { CheckpointObservation, EndObservation, Observation, TlsObservation } from "../observe/mod.ts";
import { parseAddress } from "../targets/mod.ts";
import type { CaptureTotals } from "./capture_tally.ts";
import { KnownHosts } from "./known_hosts.ts";
import { type RunTotals, totalsOf } from "./logged_counters.ts";
import { type Target, targetKey } from "./target_feed.ts";

/** A server name that a host is asked for; undefined is a hello without one. */
export type AskedName = string | undefined;

/** How a run stands, by what its log says: what another process needs to go on with it. */
export interface RunState {
  /** How many processes the run has taken, as far as they came to say so. */
  readonly processes: number;
  readonly progress: WalkProgress;
  /** To be asked before the walk goes on: hosts whose visit is not known to be whole, and targets on their way. */
  readonly pending: readonly Target[];
  /** Every host in the log. */
  readonly known: KnownHosts;
  readonly totals: RunTotals;
  readonly captures: CaptureTotals;
}

/** What is needed of the record of a capture. */
interface Captured {
  readonly name: AskedName;
  readonly outcome: string;
  readonly certificateCount: number;
  readonly verdict: string | undefined;
}

/** Captures that this side broke off, or had no room for: nothing is known of the server. */
const UNKNOWN_OUTCOMES: ReadonlySet<string> = new Set(["abandoned", "exhausted"]);

/**
 * Reads a run's log record by record. What it holds grows with the certificates and hosts, as a running scan's memory
 * does, and with what has come since the last checkpoint.
 */
export class RunFold {
  readonly #known = new KnownHosts();
  readonly #fingerprints = new Set<string>();
  readonly #names = new Map<string, readonly string[]>();
  /** Hosts that were pending at the last checkpoint or were found after it, and what was captured there since. */
  #unfinished = new Map<string, { readonly target: Target; readonly captured: Captured[] }>();
  #checkpoint: CheckpointObservation | undefined;
  #end: EndObservation | undefined;
  #hostsSince = 0;
  #processes = 0;

  take(record: Observation): void {
    switch (record.type) {
      case "run":
      case "resume":
        this.#processes++;
        break;
      case "name":
        this.#names.set(record.name, record.addresses);
        break;
      case "certificate":
        this.#fingerprints.add(record.fingerprint);
        break;
      case "host":
        this.#takeHost(record.address, record.port);
        break;
      case "tls":
        this.#takeCapture(record);
        break;
      case "checkpoint":
        this.#takeCheckpoint(record);
        break;
      case "end":
        this.#end = record;
        break;
    }
  }

  /** What host names had resolved to when the run began. */
  get names(): ReadonlyMap<string, readonly string[]> {
    return this.#names;
  }

  /** Whether nothing is left to be done. */
  get isDone(): boolean {
    return this.#end?.reason === "done";
  }

  /** `isWhole` tells whether a host that was asked for these names has been asked everything. */
  finish(isWhole: (target: Target, names: ReadonlySet<AskedName>) => boolean): RunState {
    const totals = totalsOf(this.#checkpoint?.counters ?? {});
    const tally = {
      outcomes: { ...totals.captures },
      verifications: { ...totals.verifications },
      sessions: { ...totals.sessions },
      certificates: totals.certificates,
      fingerprints: this.#fingerprints,
    };
    const pending: Target[] = [];
    for (const { target, captured } of this.#unfinished.values()) {
      const whole = isWhole(target, new Set(captured.map(({ name }) => name)));
      // The others are captured, and counted, again.
      if (whole) captured.forEach((capture) => count(tally, capture));
      else pending.push(target);
    }
    return {
      processes: this.#processes,
      progress: progressOf(this.#checkpoint),
      pending,
      known: this.#known,
      totals: { ...totals, open: totals.open + this.#hostsSince },
      captures: tally,
    };
  }

  #takeHost(text: string, port: number): void {
    const target = targetOf(text, port);
    if (target === undefined) return;
    this.#known.add(target.address, port);
    this.#hostsSince++;
    this.#unfinish(target);
  }

  #unfinish(target: Target): void {
    const key = targetKey(target);
    if (!this.#unfinished.has(key)) this.#unfinished.set(key, { target, captured: [] });
  }

  #takeCapture(record: TlsObservation): void {
    const { address, port, server_name: name, outcome, chain, verification } = record;
    if (UNKNOWN_OUTCOMES.has(outcome)) return;
    const target = targetOf(address, port);
    const captured = target && this.#unfinished.get(targetKey(target))?.captured;
    captured?.push({ name, outcome, certificateCount: chain.length, verdict: verification?.verdict });
  }

  #takeCheckpoint(checkpoint: CheckpointObservation): void {
    // From one that makes no sense nobody can go on: the one before it holds.
    if (!isSound(checkpoint)) return;
    this.#checkpoint = checkpoint;
    this.#hostsSince = 0;
    this.#unfinished = new Map();
    for (const [text, port] of checkpoint.pending) {
      const target = targetOf(text, port);
      if (target !== undefined) this.#unfinish(target);
    }
  }
}

function targetOf(text: unknown, port: unknown): Target | undefined {
  const address = typeof text === "string" ? parseAddress(text) : undefined;
  const isPort = typeof port === "number" && Number.isInteger(port) && port >= 0 && port <= 0xffff;
  return address !== undefined && isPort ? { address, port } : undefined;
}

/** The log is a file, and files are written by anybody: its reader vouches for fields of the right type alone. */
function isSound({ cursor, targets_settled: targetCount, repeat, pending }: CheckpointObservation): boolean {
  return isCursor(cursor) && isCount(targetCount) && pending.every(Array.isArray) &&
    (repeat === undefined || (isCount(repeat?.pass) && isCursor(repeat.cursor)));
}

function isCursor(value: unknown): boolean {
  return typeof value === "string" && /^\d{1,20}$/.test(value) && BigInt(value) < 2n ** 64n;
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && value as number >= 0;
}

function progressOf(checkpoint: CheckpointObservation | undefined): WalkProgress {
  if (checkpoint === undefined) return NO_PROGRESS;
  const { cursor, targets_settled: targetCount, repeat } = checkpoint;
  return {
    cursor: BigInt(cursor),
    targetCount,
    repeatCursor: BigInt(repeat?.cursor ?? 0),
    repeatPass: repeat?.pass ?? 0,
  };
}

type Tally = { -readonly [Key in keyof CaptureTotals]: CaptureTotals[Key] };

function count(tally: Tally, { outcome, certificateCount, verdict }: Captured): void {
  tally.outcomes = { ...tally.outcomes, [outcome]: (tally.outcomes[outcome] ?? 0) + 1 };
  tally.certificates += certificateCount;
  if (verdict !== undefined) {
    tally.verifications = { ...tally.verifications, [verdict]: (tally.verifications[verdict] ?? 0) + 1 };
  }
}
