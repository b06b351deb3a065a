import { deepEqual, equal } from "node:assert/strict";
import { rehearse, SERVER } from "./rehearse.ts";

function hello(domain: string, content: string): string {
  return `<?xml version='1.0'?><stream:stream to='${domain}' version='1.0' xmlns='${content}' ` +
    `xmlns:stream='http://etherx.jabber.org/streams'>`;
}

const HELLO = hello("server.example", "jabber:client");
const STARTTLS = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
const GREETING =
  "<?xml version='1.0'?><stream:stream xmlns='jabber:client' id=\"a>b\" from='server.example' " +
  "xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>";
const FEATURES = "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>" +
  "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms></stream:features>";
const PROCEED = "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";

Deno.test("an XMPP server goes over to TLS", () => {
  deepEqual(rehearse("xmpp", [GREETING, FEATURES, PROCEED]), {
    said: HELLO + STARTTLS,
    outcome: "started",
    reason: undefined,
    transcript: [
      { step: "greeting", text: GREETING },
      { step: "capabilities", text: FEATURES },
      { step: "answer", text: PROCEED },
    ],
  });
});

Deno.test("XMPP's elements may be written in other ways", () => {
  const { outcome } = rehearse("xmpp", [
    "\r\n<s:stream xmlns:s='http://etherx.jabber.org/streams'\n>",
    "<s:features><tls:starttls xmlns:tls='urn:ietf:params:xml:ns:xmpp-tls' /></s:features>\n",
    "<tls:proceed></tls:proceed>",
  ]);
  equal(outcome, "started");
});

Deno.test("an XMPP server is asked as a server would ask on their port, and by its address without a name", () => {
  equal(rehearse("xmpp", [], { ...SERVER, port: 5269 }).said, hello("server.example", "jabber:server"));
  equal(rehearse("xmpp", [], { address: "192.0.2.1", port: 5222 }).said, hello("192.0.2.1", "jabber:client"));
  equal(
    rehearse("xmpp", [], { address: "2001:db8::1", port: 5222 }).said,
    hello("[2001:db8::1]", "jabber:client"),
  );
});

Deno.test("a domain stays inside its attribute", () => {
  equal(
    rehearse("xmpp", [], { ...SERVER, serverName: "a'><b&" }).said,
    hello("a&#39;&#62;&#60;b&#38;", "jabber:client"),
  );
});

Deno.test("an XMPP server's refusal is named", () => {
  const refusals: [string[], string, string][] = [
    [[GREETING, "<stream:features/>"], HELLO, "no starttls among the stream's features"],
    [
      [GREETING, "<stream:features><bind/></stream:features>"],
      HELLO,
      "no starttls among the stream's features",
    ],
    [
      [GREETING, FEATURES, "<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"],
      HELLO + STARTTLS,
      "starttls failure",
    ],
    [[GREETING, FEATURES, "<failure></failure>"], HELLO + STARTTLS, "starttls failure"],
    [[GREETING, "</stream:stream>"], HELLO, "the server ended the stream"],
    [
      [
        GREETING,
        "<stream:error><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>" +
        "<text>This server does not serve server.example</text></stream:error></stream:stream>",
      ],
      HELLO,
      "stream error host-unknown This server does not serve server.example",
    ],
    [["<stream:error></stream:error>"], HELLO, "stream error"],
  ];
  for (const [script, said, reason] of refusals) {
    const rehearsal = rehearse("xmpp", script);
    deepEqual([rehearsal.said, rehearsal.outcome, rehearsal.reason], [said, "starttls_refused", reason]);
  }
});

Deno.test("other text is no XMPP, and other elements break it", () => {
  const strangers = [
    ["HTTP/1.1 400 Bad Request\r\n", "no tag"],
    ["<html>", "no XMPP stream"],
    ["<!DOCTYPE html>", "a comment or a declaration"],
    ["<stream:stream <", "a tag inside a tag"],
    ["<stream:stream/>", "no XMPP stream"],
  ] as const;
  for (const [stranger, reason] of strangers) {
    const rehearsal = rehearse("xmpp", [stranger]);
    deepEqual([rehearsal.outcome, rehearsal.reason], ["not_tls", `no XMPP: ${reason}`]);
  }
  const { outcome, reason } = rehearse("xmpp", [GREETING, FEATURES, "<i\x1bq/>"]);
  deepEqual([outcome, reason], ["malformed", "no XMPP: <i\\u{1b}q> for an answer to starttls"]);
});
