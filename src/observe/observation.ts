/**
 * What a run saw, one record for each fact. Records are plain JSON objects with snake_case keys: they are the log's
 * lines, the lines of `-o -`, and what the graph is folded from.
 *
 * @module
 */

/** The version of the log's format. A reader refuses a greater one; it grows when an old reader would misread. */
export const LOG_VERSION = 1;

/** What layer 4 says of a target: SYN-ACK, RST, ICMP, silence. */
export type Verdict = "open" | "closed" | "unreachable" | "filtered";

/** What carried the octets: user-space TCP in the packet plane, or the kernel's sockets. */
export type TransportName = "wire" | "kernel";

/** A value that JSON can hold. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/** What every record says. */
interface Stamped {
  /** When it was seen: ISO 8601, UTC, milliseconds. {@linkcode timestamp} writes it. */
  readonly time: string;
}

/** The first record of a log: what was asked for. */
export interface RunObservation extends Stamped {
  readonly type: "run";
  /** Sorts by start time; see {@linkcode createRunId}. */
  readonly id: string;
  readonly log_version: number;
  readonly margay_version: string;
  /** The command line's options, defaults filled in: what a resumed run must agree with. */
  readonly config: Readonly<Record<string, JsonValue>>;
  /** Of the permutation. The same seed and target set give the same order. */
  readonly seed: number;
  /** How many targets the target set holds. */
  readonly targets: number;
}

/** What layer 4 said of one target. */
export interface HostObservation extends Stamped {
  readonly type: "host";
  readonly address: string;
  readonly port: number;
  readonly verdict: Verdict;
  readonly transport: TransportName;
  /** IPv4 time to live or IPv6 hop limit of the answer, where frames are seen. */
  readonly ttl?: number;
  /** TCP window of the SYN-ACK, unscaled. */
  readonly window?: number;
  readonly round_trip_ms?: number;
}

/** One attempt to get a certificate chain. */
export interface TlsObservation extends Stamped {
  readonly type: "tls";
  readonly address: string;
  readonly port: number;
  readonly transport: TransportName;
  readonly server_name?: string;
  /** How the capture ended, by the names of `src/tls/`. */
  readonly outcome: string;
  /** The version the server chose, such as `TLS 1.2`. */
  readonly version?: string;
  /** IANA name and number of the suite the server chose. */
  readonly cipher_suite?: string;
  readonly cipher_suite_number?: number;
  /** The server's random said that it speaks TLS 1.3 (RFC 8446, 4.1.3). False proves nothing. */
  readonly tls13_announced: boolean;
  /** SHA-256 of each certificate in the order sent, lower-case hexadecimal. */
  readonly chain: readonly string[];
  /** The alert that ended it, by its RFC name. */
  readonly alert?: string;
  /** What went wrong, for a person. */
  readonly reason?: string;
  /** Octets of Ethernet frames. */
  readonly bytes_sent: number;
  readonly bytes_received: number;
  readonly duration_ms: number;
}

/** A distinguished name. */
export interface NameFields {
  /** Most specific part first, in the style of RFC 4514. */
  readonly text: string;
  readonly common_name: string | null;
  readonly organization: string | null;
}

/** A subject alternative name by kind; `other` holds what has no text, as DER in hexadecimal. */
export interface AlternativeNameFields {
  readonly dns: readonly string[];
  readonly ip: readonly string[];
  readonly uri: readonly string[];
  readonly mail: readonly string[];
  readonly other: readonly string[];
}

/**
 * One certificate, once for each fingerprint of a log; {@linkcode certificateObservation} makes it. A field is `null`
 * where the certificate has nothing readable. Digests, numbers and identifiers are lower-case hexadecimal.
 */
export interface CertificateObservation extends Stamped {
  readonly type: "certificate";
  /** SHA-256 of the DER. */
  readonly fingerprint: string;
  /** SHA-256 of the SubjectPublicKeyInfo. */
  readonly spki_fingerprint: string | null;
  readonly version: number | null;
  readonly serial_number: string | null;
  readonly subject: NameFields | null;
  readonly issuer: NameFields | null;
  /** Subject and issuer are the same octets. */
  readonly self_issued: boolean;
  readonly not_before: string | null;
  readonly not_after: string | null;
  readonly key_algorithm: string | null;
  readonly key_bits: number | null;
  readonly key_curve: string | null;
  readonly signature_algorithm: string | null;
  readonly alternative_names: AlternativeNameFields | null;
  /** From the basic constraints; `null` when there are none. */
  readonly is_authority: boolean | null;
  readonly path_length: number | null;
  readonly key_usage: readonly string[] | null;
  readonly extended_key_usage: readonly string[] | null;
  readonly subject_key_identifier: string | null;
  readonly authority_key_identifier: string | null;
  /** What is wrong with the encoding. */
  readonly errors: readonly string[];
  /** The certificate itself, base64: every other field can be read from it again. */
  readonly der: string;
}

/** The last record of a log that was closed properly. */
export interface EndObservation extends Stamped {
  readonly type: "end";
  readonly reason: "done" | "interrupted" | "failed";
  readonly counters: Readonly<Record<string, number>>;
}

/** One line of the log. A reader passes over a `type` that it doesn't know. */
export type Observation =
  | RunObservation
  | HostObservation
  | TlsObservation
  | CertificateObservation
  | EndObservation;

let lastMilliseconds = 0;
let lastTimestamp = "1970-01-01T00:00:00.000Z";

/** The time as records carry it: `2026-01-31T23:59:59.123Z`. */
export function timestamp(milliseconds = Date.now()): string {
  // Records come by the dozen in a millisecond, and each formatting costs half a microsecond.
  if (milliseconds !== lastMilliseconds) {
    lastTimestamp = new Date(milliseconds).toISOString();
    lastMilliseconds = milliseconds;
  }
  return lastTimestamp;
}

/**
 * A name for a run: start time to the second, then 32 random bits, as `20260131T235959Z-9f86d081`. Names sort by start
 * time, and two machines that start at once still differ.
 */
export function createRunId(milliseconds = Date.now()): string {
  const time = timestamp(milliseconds).replace(/[-:]|\.\d+/g, "");
  const [random] = crypto.getRandomValues(new Uint32Array(1));
  return `${time}-${random!.toString(16).padStart(8, "0")}`;
}
