import { formatAddress, ipv4ToAddress } from "../../targets/mod.ts";
import { base64, hexadecimal } from "../../text/mod.ts";
import type { AddressRange, GeneralNames, NameSubtrees } from "../../x509/mod.ts";
import { nonEmpty } from "./json.ts";
import { nameFields } from "./name.ts";

/** Names as zcrypto's `x509.GeneralNames`. */
export function generalNamesFields(names: GeneralNames): object {
  return {
    directory_names: nonEmpty(names.directory.map(nameFields)),
    dns_names: nonEmpty(names.dns),
    edi_party_names: nonEmpty(ediParties(names)),
    email_addresses: nonEmpty(names.mail),
    ip_addresses: nonEmpty(names.ip),
    other_names: nonEmpty(
      names.otherNames.map(({ identifier, value }) => ({ id: identifier, value: base64(value) })),
    ),
    registered_ids: nonEmpty(names.registered),
    uniform_resource_identifiers: nonEmpty(names.uri),
  };
}

/** One side of zcrypto's `x509.NameConstraints`; it spells `registred` so. */
export function subtreesFields(side: "permitted" | "excluded", names: NameSubtrees | null): object {
  if (names === null) return {};
  return {
    [`${side}_names`]: nonEmpty(names.dns),
    [`${side}_email_addresses`]: nonEmpty(names.mail),
    [`${side}_uris`]: nonEmpty(names.uri),
    [`${side}_ip_addresses`]: nonEmpty(names.ip.map(rangeFields)),
    [`${side}_directory_names`]: nonEmpty(names.directory.map(nameFields)),
    [`${side}_edi_party_names`]: nonEmpty(ediParties(names)),
    [`${side}_registred_id`]: nonEmpty(names.registered),
  };
}

function ediParties({ ediParties }: GeneralNames | NameSubtrees): object[] {
  return ediParties.map(({ assigner, party }) => ({
    name_assigner: assigner || undefined,
    party_name: party,
  }));
}

/** A mask that is no prefix has neither ends nor a text of its own. */
function rangeFields({ address, mask }: AddressRange): object {
  const bits = Array.from(mask, (octet) => octet.toString(2).padStart(8, "0")).join("");
  if (bits.includes("01")) return { cidr: `${addressText(address)}/${hexadecimal(mask)}` };
  return {
    cidr: `${addressText(address)}/${bits.replaceAll("0", "").length}`,
    begin: addressText(address.map((octet, index) => octet & mask[index]!)),
    end: addressText(address.map((octet, index) => octet | ~mask[index]!)),
    mask: addressText(mask),
  };
}

/** Of 4 octets or 16. */
function addressText(octets: Uint8Array): string {
  const value = BigInt(`0x${hexadecimal(octets)}`);
  return formatAddress(octets.length === 4 ? ipv4ToAddress(Number(value)) : value);
}
