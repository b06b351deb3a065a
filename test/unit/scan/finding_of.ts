import { CaptureTally } from "../../../src/scan/capture_tally.ts";
import type { Attempted, Finding } from "../../../src/scan/finding.ts";
import type { CaptureResult } from "../../../src/tls/mod.ts";

/** What is found of a host that was sent one hello, with this result; `given` is told apart. */
export function findingOf(
  result: CaptureResult,
  given: Partial<Finding> = {},
  tally = new CaptureTally(),
): Finding {
  const telling: Attempted = { kind: "tls12", alpn: true, result };
  return {
    address: "192.0.2.1",
    port: 443,
    transport: "wire",
    serverName: undefined,
    starttls: undefined,
    attempts: [telling],
    telling,
    certificates: tally.countCapture(result.outcome, result.chain),
    traffic: result.traffic,
    durationMs: 12.4,
    verification: undefined,
    ...given,
  };
}
