import { deepEqual, equal } from "node:assert/strict";
import { ascii, concatenate, fromHex, type Octets } from "../flight_bytes.ts";
import { latin1, rehearse } from "./rehearse.ts";

const SSL_REQUEST = latin1(fromHex(`20000001 008a0000 00000001 2d ${"00".repeat(23)}`));

/** The first packet; `length` lies when given. */
function packet(payload: Octets, sequence = 0, length = payload.length): Octets {
  return concatenate([length & 255, length >> 8, 0, sequence], payload);
}

function greeting(capabilities: string, protocol = 10): Octets {
  return packet(concatenate(
    [protocol],
    ascii("10.11.6-MariaDB\0"),
    fromHex("2a000000 3132333435363738 00"),
    fromHex(capabilities),
    fromHex("2d 0200 ff81 15 00000000000000000000"),
    ascii("123456789012\0mysql_native_password\0"),
  ));
}

Deno.test("a MySQL server that knows TLS is told that it begins", () => {
  deepEqual(rehearse("mysql", [greeting("fef7 ")]), {
    said: "",
    outcome: "starttls_refused",
    reason: "no TLS among the server's capabilities",
    transcript: [{ step: "greeting", text: "10.11.6-MariaDB" }],
  });
  deepEqual(rehearse("mysql", [greeting("feff")]), {
    said: SSL_REQUEST,
    outcome: "started",
    reason: undefined,
    transcript: [{ step: "greeting", text: "10.11.6-MariaDB" }],
  });
});

Deno.test("a MySQL server of old, or with a short greeting, has no TLS", () => {
  equal(rehearse("mysql", [greeting("feff", 9)]).reason, "no TLS among the server's capabilities");
  const short = packet(concatenate([10], ascii("3.20\0"), fromHex("01000000 3132333435363738 00 00")));
  equal(rehearse("mysql", [short]).reason, "no TLS among the server's capabilities");
});

Deno.test("a MySQL server's error is kept", () => {
  const error = packet(concatenate(fromHex("ff 6a04"), ascii("Host '192.0.2.9' is not allowed to connect")));
  const { said, outcome, reason } = rehearse("mysql", [error]);
  deepEqual([said, outcome, reason], [
    "",
    "starttls_refused",
    "error 1130: Host '192.0.2.9' is not allowed to connect",
  ]);
});

Deno.test("other packets are no MySQL, and one that never ends decides nothing", () => {
  const strangers: [string | Octets, string][] = [
    ["SSH-2.0-OpenSSH_9.9\r\n", "packet 45 as the first"],
    [packet(ascii("\x0b1.0\0")), "protocol version 11"],
    [packet(fromHex("ff6a")), "an error that is cut short"],
    [packet(ascii("\x0a5.5.5")), "a server version without an end"],
    [fromHex("000000 00"), "a greeting of 0 octets"],
    [fromHex("ffffff 00 0a"), "a greeting of 16777215 octets"],
  ];
  for (const [stranger, reason] of strangers) {
    const rehearsal = rehearse("mysql", [stranger]);
    deepEqual([rehearsal.outcome, rehearsal.reason], ["not_tls", `no MySQL: ${reason}`]);
  }
  equal(rehearse("mysql", [packet(ascii("\x0a5.5.5\0"), 0, 60_000)]).outcome, undefined);
});
