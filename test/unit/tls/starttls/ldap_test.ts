import { deepEqual, equal } from "node:assert/strict";
import { ascii, concatenate, fromHex, type Octets } from "../flight_bytes.ts";
import { latin1, type Rehearsal, rehearse } from "./rehearse.ts";

const REQUEST = latin1(concatenate(fromHex("301d 020101 7718 8016"), ascii("1.3.6.1.4.1.1466.20037")));

function facts({ said, outcome, reason }: Rehearsal) {
  equal(said, REQUEST);
  return [outcome, reason];
}

Deno.test("an LDAP server that succeeds goes over to TLS", () => {
  deepEqual(rehearse("ldap", [fromHex("300c 020101 7807 0a0100 0400 0400")]), {
    said: REQUEST,
    outcome: "started",
    reason: undefined,
    transcript: [{ step: "answer", text: "result 0" }],
  });
});

Deno.test("LDAP lengths may be longer than they need, and the response may name the operation", () => {
  // As Active Directory writes them.
  const response = concatenate(
    fromHex("3084 00000028 020101 7884 0000001f 0a0100 0400 0400 8a16"),
    ascii("1.3.6.1.4.1.1466.20037"),
  );
  deepEqual(facts(rehearse("ldap", [response])), ["started", undefined]);
});

Deno.test("an LDAP server's refusal is kept, also a notice that it leaves", () => {
  const words = "unsupported extended operation";
  const refusal = concatenate(fromHex("302a 020101 7825 0a0102 0400 041e"), ascii(words));
  deepEqual(facts(rehearse("ldap", [refusal])), [
    "starttls_refused",
    "result 2 (protocolError) unsupported extended operation",
  ]);
  deepEqual(facts(rehearse("ldap", [fromHex("300c 020101 7807 0a0177 0400 0400")])), [
    "starttls_refused",
    "result 119",
  ]);
  deepEqual(facts(rehearse("ldap", [fromHex("300c 020100 7807 0a0100 0400 0400")])), [
    "starttls_refused",
    "result 0",
  ]);
});

Deno.test("what is no response to an extended operation is no LDAP", () => {
  const strangers: [string | Octets, string][] = [
    ["HTTP/1.1 400 Bad Request\r\n", "no LDAP message"],
    [fromHex("15030100020246"), "no LDAP message"],
    [fromHex("3080"), "a length of an unknown form"],
    [fromHex("3085"), "a length of an unknown form"],
    [fromHex("3084 7fffffff"), "an element of 2147483647 octets"],
    ...[
      "3000",
      "300c 020101 6107 0a0100 0400 0400", // a bind response
      "3003 020101",
      "300c 020101 7808 0a0100 0400 040000", // a response that is longer than the message
      "300c 020101 7807 0a0100 0400 0401",
      "300a 020101 7805 0a0100 0400",
      "3005 7803 0a0100",
    ].map((hex): [Octets, string] => [
      fromHex(hex),
      "an LDAP message that is no response to an extended operation",
    ]),
  ];
  for (const [stranger, reason] of strangers) {
    deepEqual(facts(rehearse("ldap", [stranger])), ["not_tls", `no LDAP: ${reason}`]);
  }
});
