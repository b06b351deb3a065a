import type { DistinguishedName, NameAttribute } from "../../x509/mod.ts";

/** Members of zcrypto's `pkix.Name`, in its order, by the object identifier of the attribute. */
const MEMBERS: readonly (readonly [identifier: string, member: string])[] = [
  ["2.5.4.3", "common_name"],
  ["2.5.4.5", "serial_number"],
  ["2.5.4.6", "country"],
  ["2.5.4.7", "locality"],
  ["2.5.4.8", "province"],
  ["2.5.4.9", "street_address"],
  ["2.5.4.10", "organization"],
  ["2.5.4.11", "organizational_unit"],
  ["2.5.4.17", "postal_code"],
  ["0.9.2342.19200300.100.1.25", "domain_component"],
  ["1.2.840.113549.1.9.1", "email_address"],
  ["2.5.4.42", "given_name"],
  ["2.5.4.4", "surname"],
  ["1.3.6.1.4.1.311.60.2.1.3", "jurisdiction_country"],
  ["1.3.6.1.4.1.311.60.2.1.1", "jurisdiction_locality"],
  ["1.3.6.1.4.1.311.60.2.1.2", "jurisdiction_province"],
  ["2.5.4.97", "organization_id"],
];

/** zcrypto's short names for attributes, where ours differ or are missing: RFC 4519, 4524, 2985. */
const TYPES: ReadonlyMap<string, string> = new Map([
  ["2.5.4.18", "postOfficeBox"],
  ["2.5.4.19", "physicalDeliveryOfficeName"],
  ["2.5.4.21", "telexNumber"],
  ["2.5.4.23", "facsimileTelephoneNumber"],
  ["2.5.4.26", "registeredAddress"],
  ["2.5.4.45", "x500UniqueIdentifier"],
  ["2.5.4.49", "distinguishedName"],
  ["2.5.4.51", "houseIdentifier"],
  ["2.5.4.54", "dmdName"],
  ["2.5.4.72", "role"],
  ["0.9.2342.19200300.100.1.3", "mail"],
  ["0.9.2342.19200300.100.1.9", "host"],
  ["0.9.2342.19200300.100.1.37", "associatedDomain"],
  ["1.2.840.113549.1.9.7", "challengePassword"],
  ["1.3.6.1.4.1.311.60.2.1.1", "jurisdictionLocality"],
  ["1.3.6.1.4.1.311.60.2.1.2", "jurisdictionStateOrProvince"],
  ["1.3.6.1.4.1.311.60.2.1.3", "jurisdictionCountry"],
]);

/** A name as zcrypto's `pkix.Name`: attributes by kind, those it has no member for left out. */
export function nameFields(name: DistinguishedName): Record<string, readonly string[]> {
  const attributes = name.relativeNames.flat().filter(isText);
  const fields: Record<string, readonly string[]> = {};
  for (const [identifier, member] of MEMBERS) {
    const values = attributes.filter((attribute) => attribute.identifier === identifier);
    if (values.length > 0) fields[member] = values.map(({ value }) => value);
  }
  return fields;
}

/** One line in the certificate's order, as ZGrab2 has zcrypto write it: "C=US, O=Example, CN=example.com". */
export function nameText(name: DistinguishedName): string {
  return name.relativeNames.map((attributes) => attributes.map(attributeText).join(", ")).join(", ");
}

function attributeText(attribute: NameAttribute): string {
  const type = TYPES.get(attribute.identifier) ?? attribute.type;
  return `${type}=${
    isText(attribute) ? attribute.value.replace(/^[ #]| $|[,+"\\<>;]/g, "\\$&") : attribute.value
  }`;
}

/** Values that are no text stand as "#" and hexadecimal, which none that is text looks like by accident. */
function isText({ value }: NameAttribute): boolean {
  return !/^#(?:[\da-f]{2})+$/.test(value);
}
