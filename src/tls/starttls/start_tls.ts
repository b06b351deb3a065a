import type { Exchange } from "../exchange.ts";
import { concatenate } from "../octets.ts";
import type { Dialogue } from "./dialogue.ts";
import { FtpDialogue } from "./ftp.ts";
import { ImapDialogue } from "./imap.ts";
import { LdapDialogue } from "./ldap.ts";
import { MysqlDialogue } from "./mysql.ts";
import { Pop3Dialogue } from "./pop3.ts";
import { PostgresDialogue } from "./postgres.ts";
import { StartTlsPrelude } from "./prelude.ts";
import type { StartTlsProtocol } from "./protocol.ts";
import { SmtpDialogue } from "./smtp.ts";
import { XmppDialogue } from "./xmpp.ts";

/** A name that nobody has (RFC 2606, 2), and that passes where a name with a dot in it is wanted. */
const CLIENT_NAME = "margay.invalid";

/** How protocols are called where people read. */
const TITLES: Readonly<Record<StartTlsProtocol, string>> = {
  smtp: "SMTP",
  imap: "IMAP",
  pop3: "POP3",
  ftp: "FTP",
  postgres: "PostgreSQL",
  mysql: "MySQL",
  ldap: "LDAP",
  xmpp: "XMPP",
};

/** The server that is spoken to. */
export interface StartTlsServer {
  /** Canonical text. XMPP asks for it where there is no name. */
  readonly address: string;
  readonly port: number;
  readonly serverName?: string | undefined;
}

/** What is said in clear, as an exchange of its own, for whoever starts TLS by other means. */
export function startTlsPrelude(protocol: StartTlsProtocol, server: StartTlsServer): StartTlsPrelude {
  return new StartTlsPrelude(dialogueWith(protocol, server), TITLES[protocol]);
}

/**
 * An exchange behind a prelude, as one exchange: what `inner` would say first leaves once the server is ready for TLS,
 * and all octets behind the go-ahead are `inner`'s.
 */
export class StartTlsExchange<E extends Exchange> implements Exchange {
  readonly prelude: StartTlsPrelude;
  /** There once the server has said that TLS may begin. */
  inner: E | undefined;

  readonly #makeInner: () => E;
  #hello: Uint8Array | undefined;

  /** `inner` makes the exchange that follows, when it is needed. */
  constructor(protocol: StartTlsProtocol, inner: () => E, server: StartTlsServer) {
    this.prelude = startTlsPrelude(protocol, server);
    this.#makeInner = inner;
  }

  get firstBytes(): Uint8Array {
    return this.prelude.firstBytes;
  }

  get missing(): number {
    return (this.inner ?? this.prelude).missing;
  }

  feed(bytes: Uint8Array): boolean {
    if (this.inner !== undefined) return this.inner.feed(bytes);
    const isOver = this.prelude.feed(bytes);
    if (this.prelude.outcome !== "started") return isOver;
    this.inner = this.#makeInner();
    this.#hello = this.inner.firstBytes;
    return this.prelude.remainder.length > 0 && this.inner.feed(this.prelude.remainder);
  }

  takeReply(): Uint8Array | undefined {
    const parts = [this.prelude.takeReply(), this.#hello, this.inner?.takeReply()]
      .filter((part) => part !== undefined);
    this.#hello = undefined;
    return parts.length > 1 ? concatenate(...parts) : parts[0];
  }
}

function dialogueWith(protocol: StartTlsProtocol, { address, port, serverName }: StartTlsServer): Dialogue {
  switch (protocol) {
    case "smtp":
      return new SmtpDialogue(CLIENT_NAME);
    case "imap":
      return new ImapDialogue();
    case "pop3":
      return new Pop3Dialogue();
    case "ftp":
      return new FtpDialogue();
    case "postgres":
      return new PostgresDialogue();
    case "mysql":
      return new MysqlDialogue();
    case "ldap":
      return new LdapDialogue();
    case "xmpp":
      return new XmppDialogue(domainOf(address, serverName), port);
  }
}

/** The name to ask for; an address stands for it as RFC 7622, 3.2, has it. */
function domainOf(address: string, serverName: string | undefined): string {
  return serverName ?? (address.includes(":") ? `[${address}]` : address);
}
