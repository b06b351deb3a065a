/** What is known of a server's answers. */
export interface Speaks {
  readonly newest: Version;
  readonly oldest: Version;
  /** IANA's name, where only one can come. */
  readonly suite?: string;
  /** The group a HelloRetryRequest asks for. */
  readonly retriedGroup?: string;
  /** The first one to ask it gets a cookie to come back with. */
  readonly hasCookie?: boolean;
  /** The application protocol it chooses among ours. */
  readonly alpn?: string;
  readonly demandsCertificate?: boolean;
  /** It refuses those who offer application protocols. */
  readonly refusesAlpn?: boolean;
  /** It prefers X25519MLKEM768. */
  readonly isPostQuantum?: boolean;
  /** It accepts nothing of what captures offer to servers of our day. */
  readonly refuses?: boolean;
  /** Takes a hello whose groups go as far as those of TLS 1.2. */
  readonly needsTls12Hello?: boolean;
}

export type Version = "SSL 3.0" | "TLS 1.0" | "TLS 1.1" | "TLS 1.2" | "TLS 1.3";

/** How hellos are chosen: in the orders of `--tls`, or only the one for a server's newest version. */
export type Mode = "auto" | "max" | "pq" | "legacy" | "newest";

/** What a record of a capture is to say; what is left out doesn't matter. */
export interface Expected {
  readonly outcome: string;
  readonly alert?: string;
  readonly hello: string;
  readonly version?: string;
  readonly cipher_suite?: string;
  readonly alpn?: string;
  readonly key_exchange_group?: string;
  readonly hello_retried?: true;
  readonly client_certificate_requested?: true;
  /** Of the first attempt, where there were several. */
  readonly firstAlert?: string;
}

/** `--tls` for one version alone, and the name of its hello. */
const ONE_VERSION: Readonly<Record<Version, readonly [flag: string, hello: string]>> = {
  "TLS 1.3": ["1.3", "tls13"],
  "TLS 1.2": ["1.2", "tls12"],
  "TLS 1.1": ["1.1", "tls11"],
  "TLS 1.0": ["1.0", "tls10"],
  "SSL 3.0": ["ssl3", "ssl3"],
};

/** The value of `--tls` for a server. */
export function tlsFlagOf({ newest }: Speaks, mode: Mode): string {
  return mode === "newest" ? ONE_VERSION[newest][0] : mode;
}

/** What goes first in the orders of `--tls`. */
const FIRST_HELLOS: Readonly<Partial<Record<Mode, string>>> = {
  auto: "tls12",
  max: "modern",
  pq: "pq",
  legacy: "tls12",
};

/**
 * What a capture of a server is to say.
 *
 * @param isFirst whether nobody asked it before.
 */
export function expectedOf(speaks: Speaks, mode: Mode, isFirst: boolean): Expected {
  const { newest, suite, alpn, retriedGroup } = speaks;
  if (speaks.refuses && !isTakenAfterAll(speaks, mode)) return refusalOf(speaks, mode);
  const hello = helloFor(speaks, mode);
  const version = hello === "tls12" && isTls13(newest) ? "TLS 1.2" : newest;
  return {
    outcome: "captured",
    hello,
    version,
    ...(suite !== undefined && { cipher_suite: suite }),
    ...(alpn !== undefined && { alpn }),
    ...(speaks.refusesAlpn && { firstAlert: "no_application_protocol" }),
    ...(isTls13(version) && {
      // Which of two shares a server takes is its own choice.
      ...(mode !== "pq" && { key_exchange_group: retriedGroup ?? "x25519" }),
      ...(mode === "pq" && speaks.isPostQuantum && { key_exchange_group: "X25519MLKEM768" }),
      ...((retriedGroup !== undefined || speaks.hasCookie && isFirst) && { hello_retried: true as const }),
      // Below TLS 1.3 a server demands it behind its own certificate, which is all that a capture waits for.
      ...(speaks.demandsCertificate && { client_certificate_requested: true as const }),
    }),
  };
}

function isTls13(version: Version): boolean {
  return version === "TLS 1.3";
}

/** The hellos of old versions offer every old suite; those of `--tls legacy` every suite below TLS 1.3. */
function isTakenAfterAll({ newest }: Speaks, mode: Mode): boolean {
  if (mode === "legacy") return !isTls13(newest);
  return mode === "newest" && (newest === "TLS 1.1" || newest === "TLS 1.0");
}

function refusalOf({ newest, oldest }: Speaks, mode: Mode): Expected {
  // Of all attempts, the one with the hello for TLS 1.2 tells most.
  const isTls13Only = isTls13(oldest) && mode !== "newest";
  if (isTls13Only) return { outcome: "tls13_only", alert: "protocol_version", hello: "tls12" };
  return {
    outcome: "alert",
    alert: "handshake_failure",
    hello: FIRST_HELLOS[mode] ?? ONE_VERSION[newest][1],
  };
}

function helloFor({ newest, oldest, needsTls12Hello, refuses }: Speaks, mode: Mode): string {
  if (mode === "newest") return ONE_VERSION[newest][1];
  if (mode === "legacy" && refuses) return "tls12_rare";
  if (needsTls12Hello) return "tls12";
  const first = FIRST_HELLOS[mode]!;
  return first === "tls12" && isTls13(oldest) ? "modern" : first;
}

/** TLS 1.3 and 1.2. */
export const NEW: Speaks = { newest: "TLS 1.3", oldest: "TLS 1.2" };
export const ONLY_NEW: Speaks = only("TLS 1.3");

/** One version. */
export function only(version: Version): Speaks {
  return { newest: version, oldest: version };
}
