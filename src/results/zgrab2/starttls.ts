import type { Heard, StartTlsProtocol } from "../../tls/mod.ts";
import { jsonText } from "./json.ts";

/** What ZGrab2's modules call the server's messages; protocols whose modules don't keep them in words are not here. */
const MEMBERS: Partial<Record<StartTlsProtocol, Readonly<Partial<Record<Heard["step"], string>>>>> = {
  smtp: { greeting: "banner", capabilities: "ehlo", answer: "starttls" },
  imap: { greeting: "banner", answer: "starttls" },
  pop3: { greeting: "banner", answer: "starttls" },
  ftp: { greeting: "banner", answer: "auth_tls" },
};

/** The answer of an FTP server that was asked once more, after it refused AUTH TLS. */
const SECOND_ANSWER = "auth_ssl";

/** The members of a module's result that tell what was said before TLS, as JSON text. */
export function starttlsMembers(
  protocol: StartTlsProtocol,
  transcript: readonly Heard[],
): Record<string, string> {
  const members: Record<string, string> = {};
  for (const { step, text } of transcript) {
    const name = MEMBERS[protocol]?.[step];
    if (name !== undefined) members[name in members ? SECOND_ANSWER : name] = jsonText(text);
  }
  return members;
}
