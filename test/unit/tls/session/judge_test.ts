import { deepEqual } from "node:assert/strict";
import { judgeConnection, judgeHandshake } from "../../../../src/tls/session/judge.ts";

const invalid = (message: string) => new Deno.errors.InvalidData(message);

/** What no server of the other tests can be brought to provoke, in the words of Deno 2.4.2 and 2.9.6. */
Deno.test("complaints about a chain are told apart by their words", () => {
  const judged = (complaint: string) => judgeHandshake(invalid(`invalid peer certificate: ${complaint}`));
  deepEqual(judged("Other(OtherError(UnsupportedCertVersion))"), {
    kind: "verdict",
    outcome: "unsupported_certificate",
    reason: "UnsupportedCertVersion",
  });
  deepEqual(judged("UnsupportedSignatureAlgorithm").outcome, "unsupported_signature");
  deepEqual(
    judged(
      "UnsupportedSignatureAlgorithmContext { signature_algorithm_id: [6, 9, 42], supported_algorithms: [0x06] }",
    ),
    {
      kind: "verdict",
      outcome: "unsupported_signature",
      reason: "UnsupportedSignatureAlgorithmContext { signature_algorithm_id: [6, 9, 42] }",
    },
  );
  deepEqual(judged("BadEncoding").outcome, "malformed_certificate");
});

Deno.test("a handshake that broke off says why", () => {
  const alert = "received fatal alert: AlertDescription(0xe9)";
  deepEqual(judgeHandshake(invalid(alert)), { kind: "failure", outcome: "alert", reason: alert });
  const incompatible = "peer is incompatible: NoCipherSuitesInCommon";
  deepEqual(judgeHandshake(invalid(incompatible)), {
    kind: "failure",
    outcome: "incompatible",
    reason: incompatible,
  });
  const old = "peer is incompatible: ServerTlsVersionIsDisabledByOurConfig";
  deepEqual(judgeHandshake(invalid(old)).outcome, "below_tls12");
  deepEqual(judgeHandshake(new Deno.errors.BrokenPipe()).outcome, "reset");
});

Deno.test("a connection that failed tells about the server, or about this machine", () => {
  const outcomes = [
    new Deno.errors.ConnectionRefused(),
    new Deno.errors.ConnectionReset(),
    new Deno.errors.NotConnected(),
    new Deno.errors.TimedOut(),
    new Error("No route to host (os error 113)"),
    new Error("Too many open files (os error 24)"),
  ].map((error) => judgeConnection(error).outcome);
  deepEqual(outcomes, ["refused", "reset", "reset", "timeout", "unreachable", "exhausted"]);
});
