/**
 * Name constraints (RFC 5280 4.2.1.10, 6.1.3 b and c).
 *
 * @module
 */

import { DerReader, Tag } from "../der.ts";
import type { ParsedCertificate } from "../certificate.ts";
import type { AddressRange, NameSubtrees } from "../general_name.ts";
import type { DistinguishedName } from "../name.ts";
import type { Link } from "./link.ts";
import { relativeNameKey } from "./name_key.ts";
import { type Finding, violated } from "./verification.ts";

/** Comparisons of one path: bounds what long lists on both sides cost. Real ones need less than a hundred. */
const COMPARISON_COUNT_MAX = 1 << 18;

const ALTERNATIVE_NAME = "2.5.29.17";
const ADDRESS_TAG = 0x87;
const MAIL_ATTRIBUTE = "1.2.840.113549.1.9.1";

/** Names of one kind, or the bases of subtrees of that kind. */
type Kind = "dns" | "mail" | "uri" | "ip" | "directory";

/** What a certificate is called, by kind; addresses as octets, names as keys of their relative names. */
interface Names {
  readonly dns: readonly string[];
  readonly mail: readonly string[];
  readonly uri: readonly string[];
  readonly ip: readonly Uint8Array[];
  readonly directory: readonly (readonly string[])[];
  /** Kinds of names that nothing here compares. */
  readonly otherKinds: ReadonlySet<string>;
}

/** Checks the names of every certificate on a path against what the authorities above it may issue for. */
export function checkNameConstraints(links: readonly Link[]): Finding[] {
  const constraining = links.flatMap(({ certificate }, index) =>
    index > 0 && certificate.nameConstraints !== null ? [index] : []
  );
  if (constraining.length === 0) return [];
  const names = links.map(({ certificate }) => namesOf(certificate));
  let comparisonCount = 0;
  for (const upper of constraining) {
    const { label, certificate } = links[upper]!;
    const { permitted, excluded } = certificate.nameConstraints!;
    const baseCount = countBases(permitted) + countBases(excluded);
    for (let lower = 0; lower < upper; lower += 1) {
      // Self-issued certificates in the middle are free to have any name.
      if (lower > 0 && links[lower]!.certificate.isSelfIssued) continue;
      comparisonCount += baseCount * countNames(names[lower]!);
      if (comparisonCount > COMPARISON_COUNT_MAX) {
        return [violated(`the name constraints of ${label} are too many to be checked`)];
      }
      const fault = faultOf(names[lower]!, permitted, excluded);
      if (fault !== null) return [violated(`${label} may not issue for ${links[lower]!.label}: ${fault}`)];
    }
  }
  return [];
}

function countBases(subtrees: NameSubtrees | null): number {
  if (subtrees === null) return 0;
  const { dns, mail, uri, ip, directory, other } = subtrees;
  return dns.length + mail.length + uri.length + ip.length + directory.length + other.length;
}

function countNames({ dns, mail, uri, ip, directory }: Names): number {
  return 1 + dns.length + mail.length + uri.length + ip.length + directory.length;
}

function namesOf(certificate: ParsedCertificate): Names {
  const { subject, subjectAlternativeName: alternative } = certificate;
  const subjectNames = subject !== null && subject.relativeNames.length > 0 ? [subject] : [];
  const mails = subjectNames.flatMap(({ relativeNames }) =>
    relativeNames.flat().filter(({ identifier }) => identifier === MAIL_ATTRIBUTE).map(({ value }) => value)
  );
  return {
    dns: alternative?.dns ?? [],
    mail: [...alternative?.mail ?? [], ...mails],
    uri: alternative?.uri ?? [],
    ip: addressesOf(certificate),
    directory: [...subjectNames, ...alternative?.directory ?? []].map(relativeNameKeys),
    otherKinds: new Set(otherKinds(alternative?.other ?? [])),
  };
}

function relativeNameKeys({ relativeNames }: DistinguishedName): string[] {
  return relativeNames.map(relativeNameKey);
}

function otherKinds(names: readonly { readonly kind: string }[]): string[] {
  return names.map(({ kind }) => kind).filter((kind) => kind !== "directoryName");
}

/** Octets of the addresses, which the reader has as text only. The extension was read without an error. */
function addressesOf({ extensions }: ParsedCertificate): Uint8Array[] {
  const value = extensions.find(({ identifier }) => identifier === ALTERNATIVE_NAME)?.value;
  if (value === undefined) return [];
  const addresses: Uint8Array[] = [];
  const reader = new DerReader(value);
  const end = reader.enter(Tag.sequence, value.length);
  while (reader.position < end) {
    if (reader.read(end) === ADDRESS_TAG) addresses.push(value.subarray(reader.start, reader.end));
  }
  return addresses;
}

/** The first name that is not allowed; `null` if all are. */
function faultOf(names: Names, permitted: NameSubtrees | null, excluded: NameSubtrees | null): string | null {
  return faultOfKind("dns", names.dns, permitted, excluded, isDnsPermitted, isDnsExcluded) ??
    faultOfKind("mail", names.mail, permitted, excluded, isMailWithin) ??
    faultOfKind("uri", names.uri, permitted, excluded, isUriWithin) ??
    faultOfKind("ip", names.ip, permitted, excluded, isAddressWithin) ??
    faultOfKind("directory", names.directory, permitted, excluded, isDirectoryWithin) ??
    faultOfOthers(names, permitted, excluded);
}

/** A name must be within one of the permitted subtrees of its kind, if there are any, and within no excluded one. */
function faultOfKind<K extends Kind>(
  kind: K,
  names: Names[K],
  permitted: NameSubtrees | null,
  excluded: NameSubtrees | null,
  isWithin: (name: Names[K][number], base: NameSubtrees[K][number]) => boolean,
  isTouched: (name: Names[K][number], base: NameSubtrees[K][number]) => boolean = isWithin,
): string | null {
  const allowed: readonly NameSubtrees[K][number][] = permitted?.[kind] ?? [];
  const forbidden: readonly NameSubtrees[K][number][] = excluded?.[kind] ?? [];
  for (const name of names) {
    if (forbidden.some((base) => isTouched(name, base))) return `a ${WORDS[kind]} is excluded`;
    if (allowed.length > 0 && !allowed.some((base) => isWithin(name, base))) {
      return `a ${WORDS[kind]} is not permitted`;
    }
  }
  return null;
}

const WORDS: Readonly<Record<Kind, string>> = {
  dns: "DNS name",
  mail: "mail address",
  uri: "URI",
  ip: "network address",
  directory: "directory name",
};

/** Constraints of a kind that is not compared hold for certificates without such names only. */
function faultOfOthers(
  { otherKinds: kinds }: Names,
  permitted: NameSubtrees | null,
  excluded: NameSubtrees | null,
): string | null {
  const constrained = otherKinds([...permitted?.other ?? [], ...excluded?.other ?? []]);
  const kind = constrained.find((constrainedKind) => kinds.has(constrainedKind));
  return kind === undefined ? null : `constraints on names of the kind ${kind} are not understood`;
}

/** "example.com" holds itself and all below it, ".example.com" only what is below, "" everything. */
function isDnsPermitted(name: string, base: string): boolean {
  return isWithinDomain(name.toLowerCase(), base.toLowerCase());
}

/** A wildcard is also excluded if one of the names that it stands for is. */
function isDnsExcluded(name: string, base: string): boolean {
  if (isDnsPermitted(name, base)) return true;
  const [first = "", ...rest] = name.toLowerCase().split(".");
  return first === "*" && rest.join(".") === base.toLowerCase().split(".").slice(1).join(".");
}

function isWithinDomain(name: string, base: string): boolean {
  if (base === "") return true;
  if (base.startsWith(".")) return name.endsWith(base);
  return name === base || name.endsWith(`.${base}`);
}

/** A mailbox, the mailboxes of one host, or with a leading dot those of every host below a domain. */
function isMailWithin(mail: string, base: string): boolean {
  const at = mail.lastIndexOf("@");
  const host = mail.slice(at + 1).toLowerCase();
  const baseAt = base.lastIndexOf("@");
  if (baseAt < 0) return isWithinHost(host, base.toLowerCase());
  return mail.slice(0, at) === base.slice(0, baseAt) && host === base.slice(baseAt + 1).toLowerCase();
}

/** URIs without a host (RFC 5280: the certificate must be rejected) are within no subtree. */
function isUriWithin(uri: string, base: string): boolean {
  const host = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@]*@)?([^/?#:[\]]+)/i.exec(uri)?.[1];
  return host !== undefined && isWithinHost(host.toLowerCase(), base.toLowerCase());
}

function isWithinHost(host: string, base: string): boolean {
  return base.startsWith(".") ? host.endsWith(base) : base === "" || host === base;
}

function isAddressWithin(address: Uint8Array, { address: base, mask }: AddressRange): boolean {
  return address.length === base.length &&
    address.every((octet, index) => ((octet ^ base[index]!) & mask[index]!) === 0);
}

function isDirectoryWithin(keys: readonly string[], base: DistinguishedName): boolean {
  const baseKeys = relativeNameKeys(base);
  return baseKeys.length <= keys.length && baseKeys.every((key, index) => key === keys[index]);
}
