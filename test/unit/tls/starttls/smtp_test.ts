import { deepEqual, equal } from "node:assert/strict";
import { fromHex } from "../flight_bytes.ts";
import { rehearse } from "./rehearse.ts";

const GREETING = "220 mail.example ESMTP\r\n";
const CAPABILITIES = "250-mail.example\r\n250-SIZE 10240000\r\n250 STARTTLS\r\n";

Deno.test("an SMTP server says it is ready, what it can do, and that TLS may begin", () => {
  deepEqual(rehearse("smtp", [GREETING, CAPABILITIES, "220 2.0.0 Ready to start TLS\r\n"]), {
    said: "EHLO margay.invalid\r\nSTARTTLS\r\n",
    outcome: "started",
    reason: undefined,
    transcript: [
      { step: "greeting", text: GREETING },
      { step: "capabilities", text: CAPABILITIES },
      { step: "answer", text: "220 2.0.0 Ready to start TLS\r\n" },
    ],
  });
});

Deno.test("SMTP's greeting may have several lines, no text, and line feeds alone", () => {
  for (
    const greeting of [
      "220-mail.example\r\n220-no spam\r\n220 ready\r\n",
      "220\r\n",
      "220 \n",
      "220-a\n220 b\n",
    ]
  ) {
    const { said, transcript } = rehearse("smtp", [greeting]);
    equal(said, "EHLO margay.invalid\r\n");
    deepEqual(transcript, [{ step: "greeting", text: greeting }]);
  }
  equal(rehearse("smtp", ["220-mail.example\r\n220-no spam\r\n"]).said, "");
});

Deno.test("TLS is asked for also where SMTP's capabilities leave it out, and the server's refusal is kept", () => {
  const { said, outcome, reason } = rehearse("smtp", [
    GREETING,
    "250 mail.example\r\n",
    "454-4.7.0 TLS not available\r\n454 due to \x1b[31mlocal\u202e problem\r\n",
  ]);
  equal(said, "EHLO margay.invalid\r\nSTARTTLS\r\n");
  equal(outcome, "starttls_refused");
  equal(reason, "454-4.7.0 TLS not available 454 due to \\u{1b}[31mlocal\\u{202e} problem");
});

Deno.test("an SMTP server that serves nobody, or no EHLO, refuses", () => {
  for (const greeting of ["554 5.7.1 No service\r\n", "421 too many connections\r\n"]) {
    const { said, outcome, reason } = rehearse("smtp", [greeting, CAPABILITIES]);
    deepEqual({ said, outcome, reason }, { said: "", outcome: "starttls_refused", reason: greeting.trim() });
  }
  const { outcome, reason } = rehearse("smtp", [GREETING, "502 5.5.1 Command not implemented\r\n"]);
  deepEqual({ outcome, reason }, {
    outcome: "starttls_refused",
    reason: "502 5.5.1 Command not implemented",
  });
});

Deno.test("what begins without a reply code is no SMTP, and later breaks it", () => {
  for (
    const stranger of [
      "SSH-2.0-OpenSSH_9.9\r\n",
      "* OK IMAP4rev1\r\n",
      "22 mail.example\r\n",
      "2200 mail\r\n",
      fromHex("150301 0002 0246"),
      fromHex("4a000000 0a"),
    ]
  ) {
    const { said, outcome, reason } = rehearse("smtp", [stranger]);
    deepEqual({ said, outcome, reason }, { said: "", outcome: "not_tls", reason: "no SMTP: no reply code" });
  }
  equal(rehearse("smtp", [GREETING, "250 mail.example\r\n", "go ahead\r\n"]).outcome, "malformed");
});
