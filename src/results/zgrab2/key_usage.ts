/** Members of zcrypto's `x509.KeyUsage` in the order of their bits, the lowest first, by RFC 5280's words. */
const MEMBERS: readonly (readonly [usage: string, member: string])[] = [
  ["digitalSignature", "digital_signature"],
  ["nonRepudiation", "content_commitment"],
  ["keyEncipherment", "key_encipherment"],
  ["dataEncipherment", "data_encipherment"],
  ["keyAgreement", "key_agreement"],
  ["keyCertSign", "certificate_sign"],
  ["cRLSign", "crl_sign"],
  ["encipherOnly", "encipher_only"],
  ["decipherOnly", "decipher_only"],
];

/** Usages as zcrypto's `x509.KeyUsage`; undefined for none. */
export function keyUsageFields(usages: readonly string[]): Record<string, true | number> | undefined {
  const fields: Record<string, true | number> = {};
  let value = 0;
  for (const [bit, [usage, member]] of MEMBERS.entries()) {
    if (!usages.includes(usage)) continue;
    fields[member] = true;
    value |= 1 << bit;
  }
  return value === 0 ? undefined : { ...fields, value };
}
