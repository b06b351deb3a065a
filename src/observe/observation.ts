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
  /** SHA-256 over the target set, lower-case hexadecimal; logs of before have none. */
  readonly target_digest?: string;
}

/** A host name among the targets, and what it resolved to when the run began: a resumed run asks nobody again. */
export interface NameObservation extends Stamped {
  readonly type: "name";
  readonly name: string;
  readonly addresses: readonly string[];
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

/** What was said to a server before what a record tells of, and what came of it. */
export interface AttemptFields {
  /** The hello, by the names of `src/tls/`. */
  readonly hello: string;
  readonly outcome: string;
  /** The last alert, by its RFC name. */
  readonly alert?: string;
}

/** What {@linkcode TlsObservation} says of a chain that was checked without asking anybody. */
export interface VerificationFields {
  /** `trusted`, or the gravest problem. */
  readonly verdict: string;
  /** Every problem found, the gravest first. */
  readonly problems: readonly string[];
  /** For a person. */
  readonly reason: string;
  /** SHA-256 of the certificates from the leaf to the root, where a path was found. */
  readonly path: readonly string[];
}

/** What came of getting the certificate chain of one server name; without a name, of what the server shows to all. */
export interface TlsObservation extends Stamped {
  readonly type: "tls";
  readonly address: string;
  readonly port: number;
  readonly transport: TransportName;
  /** The name that was asked for. */
  readonly server_name?: string;
  /** The protocol that was spoken before TLS, such as `smtp`. */
  readonly starttls?: string;
  /** Octets that came in clear behind the go-ahead of STARTTLS: somebody put them in. */
  readonly early_bytes?: number;
  /** How the capture ended, by the names of `src/tls/`. */
  readonly outcome: string;
  /** The hello that this was the answer to; with `attempts`, all that were sent, in order. */
  readonly hello: string;
  readonly attempts?: readonly AttemptFields[];
  /** The version the server chose, such as `TLS 1.2`. */
  readonly version?: string;
  /** IANA name and number of the suite the server chose. */
  readonly cipher_suite?: string;
  readonly cipher_suite_number?: number;
  /** SSL 2.0: the kinds of cipher that the server accepts. */
  readonly cipher_kinds?: readonly string[];
  /** The number of the compression method the server chose, where it is not 0. */
  readonly compression?: number;
  /** Hexadecimal; left out where it is empty. */
  readonly session_id?: string;
  /** Numbers of the ServerHello's extensions, in their order; of the encrypted ones (TLS 1.3) apart. */
  readonly extensions?: readonly number[];
  readonly encrypted_extensions?: readonly number[];
  /** The application protocol the server chose. */
  readonly alpn?: string;
  /** TLS 1.3: the group of the key exchange, and whether the server asked for it by a HelloRetryRequest. */
  readonly key_exchange_group?: string;
  readonly hello_retried?: boolean;
  /** MD5 in hexadecimal of version, suite and extensions; depends on the hello. */
  readonly ja3s?: string;
  /** The server asked for a certificate of ours before it showed its own. */
  readonly client_certificate_requested?: boolean;
  /**
   * The server's random said that it speaks TLS 1.3 (RFC 8446, 4.1.3). False proves nothing; left out where it was
   * spoken.
   */
  readonly tls13_announced?: boolean;
  /** SHA-256 of each certificate in the order sent, lower-case hexadecimal. */
  readonly chain: readonly string[];
  readonly verification?: VerificationFields;
  /** The alert that ended it, by its RFC name. */
  readonly alert?: string;
  /** What went wrong, for a person. */
  readonly reason?: string;
  /** How the answer of what is no TLS begins: up to 64 octets in hexadecimal. */
  readonly prefix?: string;
  /** Octets of Ethernet frames, over all attempts. */
  readonly bytes_sent: number;
  readonly bytes_received: number;
  readonly duration_ms: number;
}

/** The fingerprint of a server's answers to ten hellos. */
export interface JarmObservation extends Stamped {
  readonly type: "jarm";
  readonly address: string;
  readonly port: number;
  readonly server_name?: string;
  /** 62 characters; all `0` for a server that answered none of them. */
  readonly jarm: string;
}

/** What one version of TLS accepts. */
export interface VersionFields {
  readonly version: string;
  /** Names, in the server's order of preference where it has one, else in ours. */
  readonly cipher_suites: readonly string[];
  /** Who decides: `server`, `client`, or `null` where there is nothing to choose from. */
  readonly preference: "server" | "client" | null;
  /** TLS 1.3: the groups it does a key exchange in. */
  readonly groups?: readonly string[];
}

/** A version that a server was asked for in vain. */
export interface RefusalFields {
  readonly version: string;
  /** Left out where the server left without one, or answered in another version. */
  readonly alert?: string;
}

/** The versions and suites that a server accepts. */
export interface TlsSupportObservation extends Stamped {
  readonly type: "tls_support";
  readonly address: string;
  readonly port: number;
  readonly server_name?: string;
  /** Newest first. */
  readonly versions: readonly VersionFields[];
  readonly refusals: readonly RefusalFields[];
  /** Hellos sent. */
  readonly hellos: number;
  /** False where a hello stayed without an answer, so that there may be more. */
  readonly complete: boolean;
}

/** What a server answered to an HTTP request. */
export interface HttpFields {
  readonly path: string;
  /** As `HTTP/1.1`. */
  readonly protocol?: string;
  readonly status?: number;
  readonly status_text?: string;
  /** In the order they came, names in the server's own case. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** What came of the body, up to the limit, in base64; left out where it is empty. */
  readonly body?: string;
  readonly body_sha256?: string;
  /** There was more than the limits allow. */
  readonly truncated: boolean;
  /** Why the answer is not whole. */
  readonly error?: string;
}

/** A whole handshake, behind the capture. */
export interface SessionObservation extends Stamped {
  readonly type: "session";
  readonly address: string;
  readonly port: number;
  readonly server_name?: string;
  /** `trusted`, or why the chain is not; else why there was no handshake. */
  readonly outcome: string;
  /** In the words of the TLS library. */
  readonly reason?: string;
  readonly version?: string;
  readonly cipher_suite?: string;
  readonly alpn?: string;
  readonly http?: HttpFields;
  /** Octets of Ethernet frames, estimated. */
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
  /** Those of `dns` that are in punycode, in Unicode; left out where there are none. */
  readonly dns_unicode?: readonly string[];
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
  readonly fingerprint_sha1: string;
  readonly fingerprint_md5: string;
  /** SHA-256 of the TBSCertificate, and of the TBSCertificate without poison and timestamps of its extensions. */
  readonly tbs_fingerprint: string | null;
  readonly tbs_noct_fingerprint: string | null;
  /** SHA-256 of the SubjectPublicKeyInfo, and of SubjectPublicKeyInfo and subject together. */
  readonly spki_fingerprint: string | null;
  readonly spki_subject_fingerprint: string | null;
  readonly version: number | null;
  readonly serial_number: string | null;
  readonly subject: NameFields | null;
  readonly issuer: NameFields | null;
  /** Subject and issuer are the same octets. */
  readonly self_issued: boolean;
  /** Self-issued, and the key identifiers don't speak against it; the signature is not looked at. */
  readonly claims_self_signed: boolean;
  readonly not_before: string | null;
  readonly not_after: string | null;
  /** From `not_before` to `not_after`, both of which count. */
  readonly validity_seconds: number | null;
  readonly key_algorithm: string | null;
  readonly key_bits: number | null;
  readonly key_curve: string | null;
  readonly signature_algorithm: string | null;
  /** What the signature's algorithm hashes with, such as `SHA-256`. */
  readonly signature_hash: string | null;
  readonly alternative_names: AlternativeNameFields | null;
  /** From the basic constraints; `null` when there are none. */
  readonly is_authority: boolean | null;
  readonly path_length: number | null;
  readonly key_usage: readonly string[] | null;
  readonly extended_key_usage: readonly string[] | null;
  readonly subject_key_identifier: string | null;
  readonly authority_key_identifier: string | null;
  /** `DV`, `IV`, `OV`, `EV` by the policies, or `unknown`. */
  readonly validation_level: string;
  /** Identifiers of the policies. */
  readonly policies: readonly string[] | null;
  /** Where the issuer answers OCSP, and has its certificate and its list of revoked ones. */
  readonly ocsp_urls: readonly string[] | null;
  readonly issuer_urls: readonly string[] | null;
  readonly crl_urls: readonly string[] | null;
  /** Numbers of TLS extensions; 5 is "OCSP must staple". */
  readonly tls_features: readonly number[] | null;
  /** The CA/Browser Forum's, such as `NTRDE-HRB 1234`. */
  readonly organization_identifier: string | null;
  /** Issued as a qualified certificate (ETSI EN 319 412-5). */
  readonly qualified: boolean;
  /** Poisoned: made for logs of certificate transparency only. */
  readonly precertificate: boolean;
  /** How many logs' timestamps are in it. */
  readonly sct_count: number;
  /** Identifiers of all extensions in their order. */
  readonly extensions: readonly string[];
  /** What is wrong with the encoding. */
  readonly errors: readonly string[];
  /** The certificate itself, base64: every other field can be read from it again. */
  readonly der: string;
}

/** Where a run that goes on later starts from. Everything before it is on the disk. */
export interface CheckpointObservation extends Stamped {
  readonly type: "checkpoint";
  /** The place in the permutation, decimal: what lies in front of it was asked, and has had its time to answer. */
  readonly cursor: string;
  /** How many targets lie in front of it. */
  readonly targets_settled: number;
  /** Which pass over what kept silent is under way (from 1), and its own place. */
  readonly repeat?: { readonly pass: number; readonly cursor: string };
  /** Verified hosts, and targets in front of the cursor, that were not finished at that moment. */
  readonly pending: readonly (readonly [address: string, port: number])[];
  readonly counters: Readonly<Record<string, number>>;
}

/** The first record of each further process of a run. */
export interface ResumeObservation extends Stamped {
  readonly type: "resume";
  readonly margay_version: string;
  /** Where in the permutation it goes on, decimal, and how many targets before that were not finished. */
  readonly cursor: string;
  readonly pending: number;
  /** What was cut off behind the last line, where the process before was killed while it wrote. */
  readonly repaired?: { readonly segment: string; readonly offset: number; readonly octets: number };
}

/** The last record of a log that was closed properly. */
export interface EndObservation extends Stamped {
  readonly type: "end";
  /** `limit`: the time of `--max-runtime` was over before everything had been asked. */
  readonly reason: "done" | "interrupted" | "limit" | "failed";
  readonly counters: Readonly<Record<string, number>>;
}

/** One line of the log. A reader passes over a `type` that it doesn't know. */
export type Observation =
  | RunObservation
  | HostObservation
  | TlsObservation
  | JarmObservation
  | TlsSupportObservation
  | SessionObservation
  | CertificateObservation
  | NameObservation
  | CheckpointObservation
  | ResumeObservation
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
