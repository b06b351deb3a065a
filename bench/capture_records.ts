import type { HostObservation, TlsObservation } from "../src/observe/mod.ts";

/** What the records of one server have in common. */
export type ServerFields = Pick<HostObservation, "time" | "address" | "port" | "transport">;

/** The record of a verified host, as a scan writes it. */
export function hostRecord(server: ServerFields, index: number): HostObservation {
  return { type: "host", ...server, verdict: "open", ttl: 57, window: 65_160, round_trip_ms: index % 200 };
}

/** The record of a capture, as a scan writes it. */
export function captureRecord(
  server: ServerFields,
  index: number,
  facts: Pick<TlsObservation, "chain" | "session_id">,
): TlsObservation {
  return {
    type: "tls",
    ...server,
    outcome: "captured",
    hello: "tls12",
    version: "TLS 1.2",
    cipher_suite: "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    cipher_suite_number: 0xc02b,
    extensions: [0xff01, 0x0017],
    ja3s: "0123456789abcdef".repeat(2),
    tls13_announced: true,
    bytes_sent: 583,
    bytes_received: 2_741,
    duration_ms: index % 400,
    ...facts,
  };
}
