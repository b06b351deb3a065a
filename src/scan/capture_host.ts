import type { Reservation } from "../governor/mod.ts";
import { certificateObservation, type Observation, timestamp, type TlsObservation } from "../observe/mod.ts";
import { Capture, type CaptureResult, cipherSuiteName, versionName } from "../tls/mod.ts";
import type { Connection } from "../transport/mod.ts";
import { fingerprint, parseCertificate } from "../x509/mod.ts";
import type { Lane, LaneHost } from "./lane.ts";

/** What a run knows of the certificates it has seen, and how its captures went. */
export class CaptureTally {
  readonly outcomes: Record<string, number> = {};
  certificates = 0;
  readonly fingerprints = new Set<string>();
}

/** Octets that a server may send within a capture's first reservation: what is left of it is headers and our side. */
const RECEIVE_BYTES = 8_000;

const RANDOM_SIZE = 32;

/** Random octets for hellos, drawn from the system by the thousand: one call each would cost more than the hello. */
const randomPool = new Uint8Array(65_536);
let randomLeft = 0;

function helloRandom(): Uint8Array {
  if (randomLeft < RANDOM_SIZE) {
    crypto.getRandomValues(randomPool);
    randomLeft = randomPool.length;
  }
  randomLeft -= RANDOM_SIZE;
  return randomPool.slice(randomLeft, randomLeft + RANDOM_SIZE);
}

export interface CaptureJob {
  readonly lane: Lane;
  readonly found: LaneHost;
  readonly serverName: string | undefined;
  readonly timeoutMs: number;
  readonly reservation: Reservation;
  /** Takes an observation; may be called several times before `done`. */
  record(observation: Observation): void;
  done(): void;
}

/** Captures one host's certificate chain and records what came of it. The connection is returned for an early end. */
export function captureHost(job: CaptureJob, tally: CaptureTally): Connection {
  const { lane, found: { host }, serverName, reservation } = job;
  const startedAt = performance.now();
  const capture = new Capture({
    random: helloRandom(),
    ...(serverName === undefined ? {} : { serverName }),
    receiveBytes: RECEIVE_BYTES,
    more: (bytes) => reservation.extend(bytes),
    done: (result) => {
      reservation.settle(result.traffic);
      recordResult(job, result, performance.now() - startedAt, tally);
      job.done();
    },
  });
  const connection = lane.transport.open(host, capture.firstBytes(), capture, {
    deadlineMs: job.timeoutMs,
    receiveBytes: RECEIVE_BYTES,
  });
  capture.attach(connection);
  return connection;
}

function recordResult(job: CaptureJob, result: CaptureResult, durationMs: number, tally: CaptureTally): void {
  tally.outcomes[result.outcome] = (tally.outcomes[result.outcome] ?? 0) + 1;
  const time = timestamp();
  const chain = result.chain.map((der) => {
    const hash = fingerprint(der);
    tally.certificates++;
    // Hashed always, parsed and stored once.
    if (!tally.fingerprints.has(hash)) {
      tally.fingerprints.add(hash);
      job.record(certificateObservation(hash, parseCertificate(der), der, time));
    }
    return hash;
  });
  job.record(tlsObservation(job, result, chain, Math.round(durationMs), time));
}

function tlsObservation(
  { lane, found: { host }, serverName }: CaptureJob,
  result: CaptureResult,
  chain: readonly string[],
  durationMs: number,
  time: string,
): TlsObservation {
  const { serverHello, alert, reason, traffic } = result;
  return {
    type: "tls",
    time,
    address: host.address,
    port: host.port,
    transport: lane.transport.name,
    ...(serverName === undefined ? {} : { server_name: serverName }),
    outcome: result.outcome,
    ...(serverHello && {
      version: versionName(serverHello.version),
      cipher_suite: cipherSuiteName(serverHello.cipherSuite),
      cipher_suite_number: serverHello.cipherSuite,
    }),
    tls13_announced: serverHello?.tls13Announced ?? false,
    chain,
    ...(alert === undefined ? {} : { alert: alert.name }),
    ...(reason === undefined ? {} : { reason }),
    bytes_sent: traffic.bytesSent,
    bytes_received: traffic.bytesReceived,
    duration_ms: durationMs,
  };
}
