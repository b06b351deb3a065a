/**
 * What a sweep is given and what it gives back: the seam between the command and the run.
 *
 * @module
 */
import type { SendMethod } from "../../ffi/mod.ts";
import type { SweepRecord, Verdict } from "../results/mod.ts";
import type { TargetSet } from "../targets/mod.ts";
import type { SweepOptions } from "./options.ts";
import type { SweepPlan } from "./plan.ts";

/** Where verdicts go. It filters and formats; the run hands it every verdict it reaches. */
export interface SweepSink {
  /** Whether the output has fallen behind: await {@linkcode flush} before writing more. */
  readonly full: boolean;

  /** Whether it could keep a record of this verdict: what it never keeps need not be gathered. */
  wants(verdict: Verdict): boolean;

  /**
   * Takes one record; tells whether it was kept (the filter may pass over it), which is what `--max-results` counts.
   * The record may change after the call.
   *
   * @throws {OutputError} when what came before could not be written.
   * @throws {OutputLeftError} when whoever read the output has left.
   */
  write(record: SweepRecord): boolean;

  /** Hands everything written so far to the operating system. Rejects as {@linkcode write} throws. */
  flush(): Promise<void>;
}

export interface SweepSetup {
  readonly plan: SweepPlan;
  readonly targets: TargetSet;
  readonly options: SweepOptions;
  readonly seed: bigint;
  readonly sink: SweepSink;
  /** Something the user should know at once, one sentence: a link went down, nothing comes back. */
  readonly warn: (sentence: string) => void;
}

/** What made a sweep stop before its last target. */
export type SweepLimit = "maxResults" | "maxRuntime" | "minHitRate" | "linkTimeout";

/** Why a sweep ended. */
export type SweepEnding =
  /** `unread`: whoever read the results has left. */
  | { readonly reason: "done" | "interrupted" | "unread" }
  | { readonly reason: "limit"; readonly limit: SweepLimit }
  | { readonly reason: "failed"; readonly error: Error };

/**
 * How a sweep ended. `cursor` is where `--cursor` goes on from; undefined where going on from there would lose results:
 * after `--max-results`, where the output failed or its reader left, and where the kernel's sockets took part.
 */
export type SweepOutcome = SweepEnding & { readonly cursor: bigint | undefined };

/** How far a sweep has come. Every count only grows, except that a verdict may be upgraded. */
export interface SweepCounters {
  /**
   * `sending` probes, `waiting` for a link or for the output, `cooling`: waiting for late answers, `done`.
   */
  readonly state: "sending" | "waiting" | "cooling" | "done";
  /** 0 for the first pass, then one more for each of `--retries`. */
  readonly pass: number;
  /** Targets of this sweep, after shard, sample and `--max-targets`. */
  readonly targets: number;
  /** Targets that got their first probe. */
  readonly sent: number;
  /** Targets that lie before the cursor: they have had their time to answer. */
  readonly concluded: number;
  /** Probes of the passes behind the first. */
  readonly repeated: number;
  /** Targets that were passed over: no route leads to them. */
  readonly unrouted: number;
  /** Targets that were passed over: nobody on their link has the address. */
  readonly unresolved: number;
  /** Targets by verdict. */
  readonly open: number;
  readonly closed: number;
  readonly unreachable: number;
  /** Undefined until silence can be concluded: at the end of a sweep that probed everything. */
  readonly filtered: number | undefined;
  /** Replies without the run's cookie; from outside the target set; of targets that had answered already. */
  readonly forged: number;
  readonly outside: number;
  readonly duplicate: number;
  /** Replies that could not be handed on at once; the next pass asks again. */
  readonly deferred: number;
  /** Frames the kernel dropped before the packet plane read them. */
  readonly receiveDrops: number;
  /** Frames that the interface refused or that did not leave at the first attempt. */
  readonly sendShortfalls: number;
  /** Our own RSTs for SYN-ACKs. */
  readonly resetsSent: number;
  /** RSTs that this host's kernel or its firewall sent from our ports. */
  readonly kernelResets: number;
  /** Octets of frames, both directions. */
  readonly bytesSent: number;
  readonly bytesReceived: number;
  /** How frames leave through the first interface; `measured` while that is still being found out. */
  readonly sendMethod: SendMethod;
  /** The ceiling in force, in new probes per second: `--rate` times what SIGUSR1 and SIGUSR2 made of it. */
  readonly rate: number;
  readonly elapsedMs: number;
}

/** Targets that the first pass is done with: probed, or passed over. */
export function settledCount({ sent, unrouted, unresolved }: SweepCounters): number {
  return sent + unrouted + unresolved;
}
