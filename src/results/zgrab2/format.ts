import { base64 } from "../../text/mod.ts";
import type { CaptureResult, Heard, StartTlsProtocol } from "../../tls/mod.ts";
import { parseCertificate } from "../../x509/mod.ts";
import { certificateFields } from "./certificate.ts";
import { httpResponse, type ZgrabHttp } from "./http.ts";
import { jsonObject, jsonText } from "./json.ts";
import { serverHelloFields } from "./server_hello.ts";
import { starttlsMembers } from "./starttls.ts";
import { type ZgrabStatus, zgrabStatus } from "./status.ts";
import { TextCache } from "./text_cache.ts";

/** A certificate that a server sent. */
export interface ZgrabCertificate {
  readonly der: Uint8Array;
  /** SHA-256 of the DER, in hexadecimal. */
  readonly fingerprint: string;
}

/** Everything that one record tells of: one address under one server name, or under none. */
export interface ZgrabInput {
  readonly address: string;
  readonly port: number;
  readonly serverName: string | undefined;
  /** When it was seen, in milliseconds since 1970 in UTC. */
  readonly timeMs: number;
  readonly capture: Omit<CaptureResult, "traffic">;
  /** The capture's chain. */
  readonly certificates: readonly ZgrabCertificate[];
  /** What was spoken before TLS. */
  readonly starttls:
    | { readonly protocol: StartTlsProtocol; readonly transcript: readonly Heard[] }
    | undefined;
  /** What was found when the chain was checked, if it was. */
  readonly verification: { readonly isTrusted: boolean; readonly reason: string } | undefined;
  readonly http: ZgrabHttp | undefined;
}

/** A run meets the same few thousand certificates again and again: intermediates, and those of large providers. */
const CERTIFICATE_CHARACTERS_MAX = 32 * 1_024 * 1_024;

/**
 * Writes ZGrab2's records. A capture without STARTTLS is what ZGrab2's `tls` module gives, one with it what the module
 * of that protocol gives with `--starttls`; an HTTP request adds what `http --use-https` gives.
 *
 * A capture leaves before the handshake goes on, and asks for nothing that it does not need. So these of ZGrab2's
 * members are never written: of `handshake_log`, `client_hello`, `server_key_exchange`, `client_key_exchange`,
 * `client_finished`, `server_finished`, `session_ticket` and `key_material`; of the validation, `matches_domain`; of an
 * HTTP response, `redirect_response_chain`, since redirects are not followed. A signature is `valid` where the
 * certificate is self-signed by its names and key identifiers: it is not computed. `subject_dn` and `issuer_dn` are in
 * the certificate's order, which is ZGrab2's too, each attribute once (some of its releases write unusual ones twice).
 * `secure_renegotiation` tells that the server sent the extension, also the empty one of a first handshake, which
 * newer releases call false. The `tls_log` of an HTTP response is the capture's, not that of the session which the
 * request went over. SSL 2.0 and key types that zcrypto does not know are told in its words as far as it has any.
 */
export class ZgrabFormat {
  readonly #certificates = new TextCache(CERTIFICATE_CHARACTERS_MAX);

  /** One record, a line of JSON without its end. */
  record(input: ZgrabInput): string {
    const { address, serverName, starttls, http } = input;
    const log = this.#tlsLog(input);
    return jsonObject({
      ip: jsonText(address),
      domain: serverName === undefined ? undefined : jsonText(serverName),
      data: jsonObject({
        http: http && httpScan(input, http, log),
        [starttls?.protocol ?? "tls"]: tlsScan(input, log),
      }),
    });
  }

  /** What ZGrab2 calls a TLSLog; undefined when no TLS was heard. */
  #tlsLog({ capture, certificates, verification }: ZgrabInput): string | undefined {
    const { serverHello } = capture;
    if (serverHello === undefined && certificates.length === 0) return undefined;
    const [leaf, ...chain] = certificates.map((certificate) => this.#certificate(certificate));
    return jsonObject({
      handshake_log: jsonObject({
        server_hello: serverHello && jsonText(serverHelloFields(serverHello, capture.alpn)),
        server_certificates: leaf && jsonObject({
          certificate: leaf,
          chain: chain.length > 0 ? `[${chain.join()}]` : undefined,
          validation: verification && jsonText({
            browser_trusted: verification.isTrusted,
            browser_error: verification.isTrusted ? undefined : verification.reason,
          }),
        }),
      }),
    });
  }

  #certificate({ der, fingerprint }: ZgrabCertificate): string {
    return this.#certificates.get(
      fingerprint,
      () => jsonText({ raw: base64(der), parsed: certificateFields(parseCertificate(der)) }),
    );
  }
}

function tlsScan({ port, timeMs, capture, starttls }: ZgrabInput, log: string | undefined): string {
  const protocol = starttls?.protocol ?? "tls";
  return scan({
    status: zgrabStatus(capture.outcome),
    protocol,
    port,
    result: starttls === undefined ? log : starttlsResult(starttls, log),
    timeMs,
    error: capture.outcome === "captured" ? undefined : errorOf(capture),
  });
}

function starttlsResult(
  { protocol, transcript }: NonNullable<ZgrabInput["starttls"]>,
  log: string | undefined,
): string | undefined {
  const members = starttlsMembers(protocol, transcript);
  if (Object.keys(members).length === 0 && log === undefined) return undefined;
  const isSsl = protocol === "postgres" ? `${log !== undefined}` : undefined;
  return jsonObject({ ...members, tls: log, is_ssl: isSsl });
}

function httpScan({ port, timeMs }: ZgrabInput, http: ZgrabHttp, log: string | undefined): string {
  const { request, answer, error } = http;
  const isAnswered = answer?.status !== undefined;
  return scan({
    status: isAnswered ? "success" : "unknown-error",
    protocol: "http",
    port,
    result: isAnswered ? jsonObject({ response: httpResponse(request, answer, log) }) : undefined,
    timeMs,
    error: isAnswered ? undefined : error ?? answer?.error ?? "no response",
  });
}

/** ZGrab2's ScanResponse. */
interface Scan {
  readonly status: ZgrabStatus;
  readonly protocol: string;
  readonly port: number;
  /** JSON text. */
  readonly result: string | undefined;
  readonly timeMs: number;
  readonly error: string | undefined;
}

function scan({ status, protocol, port, result, timeMs, error }: Scan): string {
  return jsonObject({
    status: jsonText(status),
    protocol: jsonText(protocol),
    port: jsonText(port),
    result,
    timestamp: jsonText(rfc3339(timeMs)),
    error: error === undefined ? undefined : jsonText(error),
  });
}

/** To the second, as Go's `time.RFC3339`. */
function rfc3339(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 19)}Z`;
}

/** Alerts in Go's words, the rest in ours. */
function errorOf({ outcome, alert, reason }: ZgrabInput["capture"]): string {
  const isAlert = outcome === "alert" || outcome === "tls13_only";
  if (isAlert && alert !== undefined) return `remote error: ${alert.name.replaceAll("_", " ")}`;
  return reason ?? outcome.replaceAll("_", " ");
}
