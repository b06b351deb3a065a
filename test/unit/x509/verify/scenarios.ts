/**
 * Chains, right and wrong ones, and what is to be said of them.
 *
 * @module
 */

import { element, extension, name, octets, subjectAlternativeName, text } from "../build.ts";
import type { Verdict } from "../../../../src/x509/verify/mod.ts";
import {
  authority,
  type Entity,
  issue,
  KEY_CERT_SIGN,
  keyIdentifiers,
  type Keys,
  makeKeys,
  nameConstraints,
  purposes,
  server,
  withHash,
} from "./issue.ts";

/** One chain for one name. */
export interface Scenario {
  readonly what: string;
  readonly roots: readonly Entity[];
  /** The server's certificate first. */
  readonly chain: readonly Entity[];
  readonly verdict: Verdict;
  readonly serverName: string | undefined;
  readonly address: string;
  /** The path, where it says something. */
  readonly path?: readonly Entity[];
}

/** When all scenarios play. */
export const NOW = new Date("2026-01-01T00:00:00Z");

const NAME = "www.example.com";
const EXPIRED = text(0x17, "250101000000Z");
const FUTURE = text(0x17, "300101000000Z");

const p256 = (): Keys => makeKeys("P-256");
const rsa2048 = makeKeys("RSA-2048");

const root = issue("Root", p256(), undefined, { extensions: authority() });
const middle = issue("Middle", p256(), root, { extensions: authority() });
const leaf = issue(NAME, p256(), middle, { extensions: server(NAME) });

/** A leaf of `issuer` that is right in itself. */
function leafOf(issuer: Entity, ...extensions: readonly Uint8Array[]): Entity {
  return issue(NAME, p256(), issuer, { extensions: [...server(NAME), ...extensions] });
}

function middleOf(...extensions: readonly Uint8Array[]): Entity {
  return issue("Middle", p256(), root, { extensions: [...authority(), ...extensions] });
}

function named(...names: readonly Uint8Array[]): Entity {
  return issue(NAME, p256(), root, { extensions: [subjectAlternativeName(...names)] });
}

/** A chain of the root, an authority with these extensions, and a leaf. */
function below(authorityExtension: Uint8Array, ...leafExtensions: readonly Uint8Array[]): Entity[] {
  const constrained = middleOf(authorityExtension);
  return [leafOf(constrained, ...leafExtensions), constrained];
}

function withSignature({ der, ...rest }: Entity, octet: number): Entity {
  const broken = der.slice();
  broken[broken.length - 1]! ^= octet;
  return { ...rest, der: broken };
}

function scenario(
  what: string,
  verdict: Verdict,
  chain: readonly Entity[],
  rest: Partial<Scenario> = {},
): Scenario {
  return { what, verdict, chain, roots: [root], serverName: NAME, address: "192.0.2.7", ...rest };
}

function plain(): Scenario[] {
  const other = issue("Other", p256(), undefined, { extensions: authority() });
  const selfSigned = issue(NAME, p256(), undefined, { extensions: server(NAME) });
  const stranger = leafOf(other);
  return [
    scenario("a plain chain", "trusted", [leaf, middle], { path: [leaf, middle, root] }),
    scenario("the root is sent too", "trusted", [leaf, middle, root]),
    scenario("wrong order and what is not needed", "trusted", [leaf, other, root, middle], {
      path: [leaf, middle, root],
    }),
    scenario("issued by the root itself", "trusted", [leafOf(root)]),
    scenario("nothing but the leaf", "incomplete_chain", [leaf]),
    scenario("signed by itself", "self_signed", [selfSigned]),
    scenario("signed by itself, and a root", "trusted", [selfSigned], { roots: [root, selfSigned] }),
    scenario("an unknown root is sent", "unknown_issuer", [stranger, other]),
    scenario("an unknown root is not sent", "incomplete_chain", [stranger]),
    scenario("a changed signature", "invalid_signature", [withSignature(leaf, 1), middle]),
    scenario("a changed signature of an intermediate", "invalid_signature", [leaf, withSignature(middle, 1)]),
  ];
}

function dates(): Scenario[] {
  const expired = issue("Middle", middle.keys, root, { extensions: authority(), notAfter: EXPIRED });
  const old = issue("Root", root.keys, undefined, { extensions: authority(), notAfter: EXPIRED });
  const late = issue(NAME, p256(), middle, { extensions: server(NAME), notAfter: EXPIRED });
  const early = issue(NAME, p256(), middle, { extensions: server(NAME), notBefore: FUTURE });
  return [
    scenario("expired", "expired", [late, middle], { path: [late, middle, root] }),
    scenario("not yet valid", "not_yet_valid", [early, middle], { path: [early, middle, root] }),
    scenario("an expired intermediate", "expired", [leaf, expired], { path: [leaf, expired, root] }),
    scenario("an expired root", "expired", [leaf, middle], { roots: [old], path: [leaf, middle, old] }),
  ];
}

/** Two roots, and one authority that both signed. */
function crossSigned(): Scenario[] {
  const second = issue("Second root", p256(), undefined, { extensions: authority() });
  const cross = issue("Middle", middle.keys, second, { extensions: authority() });
  const crossRoot = issue("Root", root.keys, second, { extensions: authority() });
  const expired = issue("Middle", middle.keys, second, { extensions: authority(), notAfter: EXPIRED });
  return [
    scenario("cross-signed, the first way known", "trusted", [leaf, middle, cross], {
      path: [leaf, middle, root],
    }),
    scenario("cross-signed, the second way known", "trusted", [leaf, middle, cross], {
      roots: [second],
      path: [leaf, cross, second],
    }),
    scenario("over a cross-signed root", "trusted", [leaf, middle, crossRoot], {
      roots: [second],
      path: [leaf, middle, crossRoot, second],
    }),
    scenario("one of two ways expired", "trusted", [leaf, expired, middle], {
      roots: [root, second],
      path: [leaf, middle, root],
    }),
  ];
}

function algorithms(): Scenario[] {
  const kinds = ["P-384", "Ed25519", "RSA-2048"] as const;
  const strong = kinds.map((kind) => {
    const keys = kind === "RSA-2048" ? rsa2048 : makeKeys(kind);
    const top = issue(`Root ${kind}`, keys, undefined, { extensions: authority() });
    return scenario(`signed with ${kind}`, "trusted", [leafOf(top)], { roots: [top] });
  });
  const weak = (["sha1", "md5"] as const).map((hash) => {
    const top = issue(`Root ${hash}`, withHash(rsa2048, hash), undefined, { extensions: authority() });
    return scenario(`signed over ${hash}`, "weak_signature", [leafOf(top)], { roots: [top] });
  });
  const short = makeKeys("RSA-1024");
  const shortRoot = issue("Short root", short, undefined, { extensions: authority() });
  return [
    ...strong,
    ...weak,
    scenario("a short key of the server", "weak_key", [
      issue(NAME, short, root, { extensions: server(NAME) }),
    ]),
    scenario("a short key of the root", "weak_key", [leafOf(shortRoot)], { roots: [shortRoot] }),
  ];
}

function rights(): Scenario[] {
  const noAuthority = issue("Middle", p256(), root, { extensions: server("middle.example") });
  const noFlag = issue("Middle", p256(), root, { extensions: [KEY_CERT_SIGN] });
  const noUsage = issue("Middle", p256(), root, {
    extensions: [authority()[0]!, extension("2.5.29.15", element(0x03, octets(7, 0x80)), true)],
  });
  const short = issue("Short", p256(), root, { extensions: authority(0) });
  const long = issue("Long", p256(), short, { extensions: authority() });
  const keyed = issue("Short", p256(), root, { extensions: [...authority(0), ...keyIdentifiers(2, 1)] });
  const again = issue("Short", p256(), keyed, { extensions: [...authority(), ...keyIdentifiers(3, 2)] });
  const oldRoot = issue("Old root", p256(), undefined, { version: octets() });
  const mailOnly = purposes("1.3.6.1.5.5.7.3.4");
  const mail = issue(NAME, p256(), root, { extensions: [server(NAME)[0]!, mailOnly] });
  const signs = issue(NAME, p256(), root, { extensions: [server(NAME)[0]!, KEY_CERT_SIGN] });
  const poison = extension("1.3.6.1.4.1.11129.2.4.3", element(0x05), true);
  return [
    scenario("issued by a server's certificate", "constraint_violated", [leafOf(noAuthority), noAuthority]),
    scenario("issued by what is no authority", "constraint_violated", [leafOf(noFlag), noFlag]),
    scenario("issued with a key for other uses", "constraint_violated", [leafOf(noUsage), noUsage]),
    scenario("the path length kept", "trusted", [leafOf(short), short]),
    scenario("the path length exceeded", "constraint_violated", [leafOf(long), long, short]),
    scenario("self-issued ones are not counted", "trusted", [leafOf(again), again, keyed]),
    scenario("a root of version 1", "trusted", [leafOf(oldRoot)], { roots: [oldRoot] }),
    scenario("for mail only", "not_a_server", [mail]),
    scenario("a key that signs certificates only", "not_a_server", [signs]),
    scenario("an authority for mail only", "not_a_server", below(mailOnly)),
    scenario("an unknown critical extension", "constraint_violated", [
      leafOf(root, extension("1.3.6.1.4.1.99999.1", element(0x05), true)),
    ]),
    scenario("an unknown extension", "trusted", [
      leafOf(root, extension("1.3.6.1.4.1.99999.1", element(0x05))),
    ]),
    scenario("a precertificate", "constraint_violated", [leafOf(root, poison)]),
    scenario("a duplicate extension", "malformed", [leafOf(root, ...server(NAME))]),
  ];
}

function constraints(): Scenario[] {
  const dns = (base: string) => text(0x82, base);
  const ip = (...values: readonly number[]) => element(0x87, octets(...values));
  const address = subjectAlternativeName(ip(192, 0, 2, 7));
  const addressLeaf = (issuer: Entity) => issue("address", p256(), issuer, { extensions: [address] });
  const inNet = middleOf(nameConstraints({ permitted: [ip(192, 0, 2, 0, 255, 255, 255, 0)] }));
  const outOfNet = middleOf(nameConstraints({ permitted: [ip(198, 51, 100, 0, 255, 255, 255, 0)] }));
  const directory = (organization: string) => element(0xa4, name(["2.5.4.10", text(0x0c, organization)]));
  const organized = (issuer: Entity) =>
    issue("", p256(), issuer, {
      subject: name(["2.5.4.10", text(0x13, "EXAMPLE  inc")], ["2.5.4.3", text(0x0c, NAME)]),
      extensions: server(NAME),
    });
  const inOrganization = middleOf(nameConstraints({ permitted: [directory("Example Inc")] }));
  const outOfOrganization = middleOf(nameConstraints({ excluded: [directory("Example Inc")] }));
  const atAddress = { serverName: undefined };
  return [
    scenario("permitted domain", "trusted", below(nameConstraints({ permitted: [dns("example.com")] }))),
    scenario(
      "no permitted domain",
      "constraint_violated",
      below(nameConstraints({ permitted: [dns("example.org")] })),
    ),
    scenario(
      "no suffix of labels",
      "constraint_violated",
      below(nameConstraints({ permitted: [dns("ample.com")] })),
    ),
    scenario(
      "excluded domain",
      "constraint_violated",
      below(nameConstraints({ excluded: [dns("example.com")] })),
    ),
    scenario(
      "another excluded domain",
      "trusted",
      below(nameConstraints({ excluded: [dns("example.org")] })),
    ),
    scenario("permitted network", "trusted", [addressLeaf(inNet), inNet], atAddress),
    scenario("no permitted network", "constraint_violated", [addressLeaf(outOfNet), outOfNet], atAddress),
    scenario("permitted organization", "trusted", [organized(inOrganization), inOrganization]),
    scenario("excluded organization", "constraint_violated", [
      organized(outOfOrganization),
      outOfOrganization,
    ]),
  ];
}

function names(): Scenario[] {
  const dns = (...texts: readonly string[]) => [named(...texts.map((each) => text(0x82, each)))];
  const ipv6 = octets(0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);
  return [
    scenario("another name", "name_mismatch", dns("example.com", "www.example.org")),
    scenario("a name with the dot of the root", "name_mismatch", dns("www.example.com.")),
    scenario("one of many names", "trusted", dns("example.com", NAME)),
    scenario("another letter case", "trusted", dns("WWW.Example.COM")),
    scenario("a wildcard", "trusted", dns("*.example.com")),
    scenario("a wildcard for one label only", "name_mismatch", dns("*.example.com"), {
      serverName: "a.b.example.com",
    }),
    scenario("a wildcard is not for its domain", "name_mismatch", dns("*.example.com"), {
      serverName: "example.com",
    }),
    scenario("a wildcard below a top-level domain", "name_mismatch", dns("*.com"), {
      serverName: "example.com",
    }),
    scenario("a star in the middle", "name_mismatch", dns("www.*.com")),
    scenario("an address", "trusted", [named(element(0x87, octets(192, 0, 2, 7)))], {
      serverName: undefined,
    }),
    scenario("an IPv6 address", "trusted", [named(element(0x87, ipv6))], {
      serverName: undefined,
      address: "2001:db8::1",
    }),
    scenario("another address", "name_mismatch", [named(element(0x87, octets(192, 0, 2, 8)))], {
      serverName: undefined,
    }),
  ];
}

/** All of them. */
export function scenarios(): Scenario[] {
  return [
    ...plain(),
    ...dates(),
    ...crossSigned(),
    ...algorithms(),
    ...rights(),
    ...constraints(),
    ...names(),
  ];
}
