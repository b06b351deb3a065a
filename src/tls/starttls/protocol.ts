/**
 * The protocols in which a client asks in clear for TLS to begin, and the ports where they are at home.
 *
 * @module
 */

/** By the names that options and records give them. */
export const START_TLS_PROTOCOLS = [
  "smtp",
  "imap",
  "pop3",
  "ftp",
  "postgres",
  "mysql",
  "ldap",
  "xmpp",
] as const;

export type StartTlsProtocol = typeof START_TLS_PROTOCOLS[number];

const PROTOCOL_OF_PORT: ReadonlyMap<number, StartTlsProtocol> = new Map([
  [21, "ftp"],
  [25, "smtp"],
  [110, "pop3"],
  [143, "imap"],
  [389, "ldap"],
  [587, "smtp"],
  // A second submission port, of providers whose customers can't reach the first.
  [2525, "smtp"],
  // Active Directory's global catalogue.
  [3268, "ldap"],
  [3306, "mysql"],
  [5222, "xmpp"],
  [5269, "xmpp"],
  [5432, "postgres"],
]);

/** What to speak before TLS on a port; undefined where TLS begins at once, or where nothing is known. */
export function starttlsOf(port: number): StartTlsProtocol | undefined {
  return PROTOCOL_OF_PORT.get(port);
}
