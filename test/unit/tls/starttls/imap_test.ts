import { deepEqual, equal } from "node:assert/strict";
import { rehearse } from "./rehearse.ts";

const GREETING = "* OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] Dovecot ready.\r\n";

Deno.test("an IMAP server goes over to TLS", () => {
  deepEqual(
    rehearse("imap", [GREETING, "* CAPABILITY IMAP4rev1\r\n", "m1 OK Begin TLS negotiation now.\r\n"]),
    {
      said: "m1 STARTTLS\r\n",
      outcome: "started",
      reason: undefined,
      transcript: [
        { step: "greeting", text: GREETING },
        { step: "answer", text: "m1 OK Begin TLS negotiation now.\r\n" },
      ],
    },
  );
});

Deno.test("an IMAP server's refusal is kept", () => {
  for (const refusal of ["m1 BAD Unknown command", "m1 NO TLS is not available", "* BYE Shutting down"]) {
    const { said, outcome, reason } = rehearse("imap", [GREETING, `${refusal}\r\n`]);
    deepEqual({ said, outcome, reason }, {
      said: "m1 STARTTLS\r\n",
      outcome: "starttls_refused",
      reason: refusal,
    });
  }
});

Deno.test("an IMAP server that leaves, or takes this side for logged in, isn't asked", () => {
  for (const greeting of ["* BYE Too many connections", "* PREAUTH welcome home"]) {
    const { said, outcome, reason } = rehearse("imap", [`${greeting}\r\n`, "m1 OK\r\n"]);
    deepEqual({ said, outcome, reason }, { said: "", outcome: "starttls_refused", reason: greeting });
  }
});

Deno.test("another greeting is no IMAP, and an answer to another command breaks it", () => {
  for (const stranger of ["+OK POP3\r\n", "220 mail\r\n", "* 12 EXISTS\r\n", "* OKAY\r\n", "m1 OK\r\n"]) {
    equal(rehearse("imap", [stranger]).outcome, "not_tls");
  }
  for (const answer of ["m2 OK\r\n", "m1 OKAY\r\n", "+ go on\r\n"]) {
    equal(rehearse("imap", [GREETING, answer]).outcome, "malformed");
  }
});
