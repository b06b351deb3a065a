import type { IcmpError, Reply, SweepRecord, Verdict } from "../../../src/results/mod.ts";
import { parseAddress } from "../../../src/targets/mod.ts";

/** As Linux answers: MSS 1460, SACK permitted, timestamps 1 and 2, NOP, window scale 7. */
// deno-fmt-ignore
export const LINUX_OPTIONS = Uint8Array.of(2, 4, 0x05, 0xb4, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2, 1, 3, 3, 7);

export const REPLY: Reply = {
  localAddress: address("10.77.0.1"),
  localPort: 57_874,
  timeToLive: 64,
  window: 64_240,
  ipId: 0,
  sequence: 1_250_963_452,
  acknowledgment: 3_489_931_005,
  roundTripUs: 12_345,
  options: LINUX_OPTIONS,
  icmp: undefined,
  reason: undefined,
};

/** A SYN-ACK unless told. */
export function recordOf(changes: Partial<SweepRecord> = {}): SweepRecord {
  return {
    verdict: "open",
    address: address("198.18.14.189"),
    port: 80,
    timeMs: Date.UTC(2026, 10, 21, 12, 39, 56) + 198.223,
    cooling: false,
    reply: REPLY,
    ...changes,
  };
}

export function unreachableBy(icmp: IcmpError): SweepRecord {
  const reply = { ...REPLY, window: 0, sequence: 0, acknowledgment: 0, options: new Uint8Array(), icmp };
  return recordOf({ verdict: "unreachable", reply });
}

export function silent(): SweepRecord {
  return recordOf({ verdict: "filtered", reply: undefined });
}

export function ofVerdict(verdict: Verdict): SweepRecord {
  return verdict === "filtered" ? silent() : recordOf({ verdict });
}

export function address(text: string): bigint {
  return parseAddress(text)!;
}
