/**
 * How a session ended, as records name it: what Deno's TLS makes of the server's chain, or why there was no
 * handshake to judge.
 *
 * @module
 */

/** What Deno's TLS says of a chain that it was shown. */
export type TrustVerdict =
  /** A path leads to a root that is trusted, and the certificate is for this name and this day. */
  | "trusted"
  | "expired"
  | "not_yet_valid"
  /** Valid, but for other names than the one asked for. */
  | "name_mismatch"
  /** No path leads to a trusted root. */
  | "unknown_issuer"
  /** No path leads to a trusted root: the server's certificate names itself as its issuer. */
  | "self_signed"
  /** The server's own certificate is that of a certification authority. */
  | "ca_as_leaf"
  /** A signature is wrong, a certificate's or the handshake's, or made with an RSA key of less than 2,048 bits. */
  | "invalid_signature"
  /** A certificate is signed in a way that is not accepted, such as with SHA-1. */
  | "unsupported_signature"
  /** The certificate's extended key usage does not allow servers. */
  | "not_a_server"
  /** An issuer may not have issued this: path length, name constraints, or it is no authority. */
  | "constraint_violated"
  /** A certificate that cannot be judged: of version 1, or with an unknown critical extension. */
  | "unsupported_certificate"
  | "malformed_certificate";

/** Why there is no verdict on a chain. */
export type SessionFailure =
  /** The server speaks neither TLS 1.2 nor 1.3, and Deno's TLS nothing else. */
  | "below_tls12"
  /** The server ended the handshake with an alert: the reason names it. */
  | "alert"
  /** The server chose what Deno's TLS does not have. */
  | "incompatible"
  /** The server breaks the rules of TLS. */
  | "protocol_error"
  /** What the server says is not TLS. */
  | "not_tls"
  /** The server does not go over to TLS on this port: its own words are in the reason. */
  | "starttls_refused"
  /** The server closed its side before the handshake was over. */
  | "closed"
  | "reset"
  /** Nothing listens on the port any more. */
  | "refused"
  | "timeout"
  | "unreachable"
  /** Deno's TLS does not ask for a name like this one. */
  | "unsupported_name"
  /** This side ran out of room (descriptors): nothing is known about the server. */
  | "exhausted"
  /** This side left before anything was decided: nothing is known about the server. */
  | "abandoned";

/** How a session ended. */
export type SessionOutcome = TrustVerdict | SessionFailure;
