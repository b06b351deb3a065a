import { deepEqual, equal } from "node:assert/strict";
import { rehearse } from "./rehearse.ts";

Deno.test("a POP3 server goes over to TLS", () => {
  deepEqual(rehearse("pop3", ["+OK Dovecot ready.\r\n", "+OK Begin TLS negotiation now.\r\n"]), {
    said: "STLS\r\n",
    outcome: "started",
    reason: undefined,
    transcript: [
      { step: "greeting", text: "+OK Dovecot ready.\r\n" },
      { step: "answer", text: "+OK Begin TLS negotiation now.\r\n" },
    ],
  });
});

Deno.test("a POP3 server refuses at its greeting or when it is asked", () => {
  const atOnce = rehearse("pop3", ["-ERR [SYS/TEMP] too busy\r\n"]);
  deepEqual([atOnce.said, atOnce.outcome, atOnce.reason], [
    "",
    "starttls_refused",
    "-ERR [SYS/TEMP] too busy",
  ]);
  const asked = rehearse("pop3", ["+OK\r\n", "-ERR Unknown command.\r\n"]);
  deepEqual([asked.said, asked.outcome, asked.reason], [
    "STLS\r\n",
    "starttls_refused",
    "-ERR Unknown command.",
  ]);
});

Deno.test("another line is no POP3", () => {
  for (const stranger of ["* OK IMAP\r\n", "+PONG\r\n", "-NOAUTH\r\n"]) {
    equal(rehearse("pop3", [stranger]).outcome, "not_tls");
  }
  equal(rehearse("pop3", ["+OK\r\n", "234 what?\r\n"]).outcome, "malformed");
});
