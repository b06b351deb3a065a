import { deepEqual, equal } from "node:assert/strict";
import { rehearse } from "./rehearse.ts";

Deno.test("an FTP server goes over to TLS", () => {
  deepEqual(rehearse("ftp", ["220 (vsFTPd 3.0.3)\r\n", "234 Proceed with negotiation.\r\n"]), {
    said: "AUTH TLS\r\n",
    outcome: "started",
    reason: undefined,
    transcript: [
      { step: "greeting", text: "220 (vsFTPd 3.0.3)\r\n" },
      { step: "answer", text: "234 Proceed with negotiation.\r\n" },
    ],
  });
});

Deno.test("lines inside an FTP greeting may hold anything but its end", () => {
  const greeting = "220-Welcome\r\n\r\n  220 users\r\n500 files\r\n220-here\r\n\r\n220 Ready\r\n";
  const { said, transcript } = rehearse("ftp", [greeting]);
  equal(said, "AUTH TLS\r\n");
  deepEqual(transcript, [{ step: "greeting", text: greeting }]);
});

Deno.test("an FTP server that will be ready later is waited for", () => {
  equal(rehearse("ftp", ["120 ready in 1 minute\r\n"]).said, "");
  equal(rehearse("ftp", ["120 ready in 1 minute\r\n", "220 ready\r\n"]).said, "AUTH TLS\r\n");
});

Deno.test("an FTP server that knows TLS by its old name only is asked by that", () => {
  for (const [answer, outcome] of [["234", "started"], ["334", "started"], ["504", "starttls_refused"]]) {
    const rehearsal = rehearse("ftp", ["220 \r\n", "504 what is TLS\r\n", `${answer} SSL\r\n`]);
    equal(rehearsal.said, "AUTH TLS\r\nAUTH SSL\r\n");
    equal(rehearsal.outcome, outcome);
  }
});

Deno.test("an FTP server's refusal is kept", () => {
  for (const refusal of ["530 Please login with USER and PASS.", "502 no", "334 more", "200 fine"]) {
    const { said, outcome, reason } = rehearse("ftp", ["220 ready\r\n", `${refusal}\r\n`]);
    deepEqual({ said, outcome, reason }, {
      said: "AUTH TLS\r\n",
      outcome: "starttls_refused",
      reason: refusal,
    });
  }
  const { said, reason } = rehearse("ftp", ["421 There are too many connections.\r\n"]);
  deepEqual({ said, reason }, { said: "", reason: "421 There are too many connections." });
});
