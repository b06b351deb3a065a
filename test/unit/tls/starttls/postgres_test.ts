import { deepEqual } from "node:assert/strict";
import { ascii, concatenate, fromHex } from "../flight_bytes.ts";
import { latin1, type Rehearsal, rehearse } from "./rehearse.ts";

const SSL_REQUEST = latin1(fromHex("00000008 04d2162f"));

function facts({ said, outcome, reason }: Rehearsal) {
  deepEqual(said, SSL_REQUEST);
  return [outcome, reason];
}

Deno.test("PostgreSQL answers by one octet", () => {
  deepEqual(rehearse("postgres", ["S"]), {
    said: SSL_REQUEST,
    outcome: "started",
    reason: undefined,
    transcript: [{ step: "answer", text: "S" }],
  });
  deepEqual(facts(rehearse("postgres", ["N"])), ["starttls_refused", "no TLS on this server"]);
});

Deno.test("PostgreSQL's error is read to its end, in the form of either age", () => {
  const fields = concatenate(ascii("SFATAL\0C53300\0Msorry, too many clients already\0\0"));
  deepEqual(facts(rehearse("postgres", [ascii("E"), fromHex("00 00 00 34"), fields])), [
    "starttls_refused",
    "sorry, too many clients already",
  ]);
  deepEqual(facts(rehearse("postgres", ["EFATAL: unsupported frontend protocol\n\0"])), [
    "starttls_refused",
    "FATAL: unsupported frontend protocol",
  ]);
  deepEqual(facts(rehearse("postgres", ["E", fromHex("00000006 4d41")])), [
    "starttls_refused",
    "an error without a message",
  ]);
  deepEqual(facts(rehearse("postgres", ["E", fromHex("00000003")])), [
    "starttls_refused",
    "an error without a message",
  ]);
  deepEqual(facts(rehearse("postgres", ["E", fromHex("000000")])), [undefined, undefined]);
  deepEqual(facts(rehearse("postgres", ["E", fromHex("00ffffff")])), [
    "not_tls",
    "no PostgreSQL: an error of 16777216 octets",
  ]);
});

Deno.test("another octet is no PostgreSQL", () => {
  for (const stranger of ["HTTP/1.1 400 Bad Request\r\n", fromHex("15030100020246"), fromHex("00")]) {
    deepEqual(facts(rehearse("postgres", [stranger])), [
      "not_tls",
      "no PostgreSQL: neither S nor N nor an error",
    ]);
  }
});
