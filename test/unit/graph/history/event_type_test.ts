import assert from "node:assert/strict";
import { type Credentials, eventType } from "../../../../src/graph/history/event_type.ts";

const from: Credentials = {
  issuer: "CN=R10,O=Let's Encrypt,C=US",
  issuerOrganization: "Let's Encrypt",
  issuerKeys: ["key of R10"],
  selfSigned: false,
  keyFingerprint: "key 1",
};

/** By an issuer that names no organization. */
const unnamed: Credentials = {
  ...from,
  issuer: "CN=Our CA",
  issuerOrganization: null,
  issuerKeys: ["key of our CA"],
};

const own: Credentials = {
  issuer: "CN=router,O=Acme Ltd",
  issuerOrganization: "Acme Ltd",
  issuerKeys: ["key 1"],
  selfSigned: true,
  keyFingerprint: "key 1",
};

const ownUnnamed: Credentials = { ...own, issuer: "CN=router", issuerOrganization: null };
const newKey = { keyFingerprint: "key 2" };
const newOwnKey = { keyFingerprint: "key 2", issuerKeys: ["key 2"] };

const cases: readonly (readonly [string, Credentials, Credentials, ReturnType<typeof eventType>])[] = [
  ["the same key renewed", from, from, "CertRotation"],
  ["another key", from, { ...from, ...newKey }, "CertRotation"],
  [
    "another intermediate of the same organization, and another key",
    from,
    { ...from, ...newKey, issuer: "CN=E7,O=Let's Encrypt,C=US", issuerKeys: ["key of E7"] },
    "CertRotation",
  ],
  [
    "its name spelt otherwise",
    { ...from, issuerOrganization: "DigiCert Inc" },
    { ...from, ...newKey, issuerOrganization: "DIGICERT, INC." },
    "CertRotation",
  ],
  [
    "another organization",
    from,
    { ...from, issuer: "CN=WR2,O=Google Trust Services", issuerOrganization: "Google Trust Services" },
    "CAMigration",
  ],
  [
    "another organization and another key",
    from,
    {
      ...from,
      ...newKey,
      issuer: "CN=WR2,O=Google Trust Services",
      issuerOrganization: "Google Trust Services",
    },
    "SuspiciousReplacement",
  ],
  ["an issuer that names no organization any more", from, unnamed, "CAMigration"],
  ["the same unnamed CA", unnamed, { ...unnamed, ...newKey }, "CertRotation"],
  ["an unnamed CA with another name", unnamed, { ...unnamed, issuer: "CN=Other CA" }, "CAMigration"],
  ["an unnamed CA with another key", unnamed, { ...unnamed, issuerKeys: ["other"] }, "CAMigration"],
  [
    "one of its keys is enough",
    unnamed,
    { ...unnamed, issuerKeys: ["other", "key of our CA"] },
    "CertRotation",
  ],
  [
    "a key of the CA that is not known is no difference",
    unnamed,
    { ...unnamed, issuerKeys: [] },
    "CertRotation",
  ],
  ["self-signed, then by a CA, with the same key", own, from, "CAMigration"],
  ["self-signed, then by a CA", own, { ...from, ...newKey }, "SuspiciousReplacement"],
  [
    "self-signed under the name of the CA that vouched before",
    from,
    { ...own, ...newOwnKey, issuer: from.issuer, issuerOrganization: from.issuerOrganization },
    "SuspiciousReplacement",
  ],
  ["a device that renews its own", own, own, "CertRotation"],
  ["a device that makes itself a new key", ownUnnamed, { ...ownUnnamed, ...newOwnKey }, "CertRotation"],
  [
    "a device that takes another name and keeps its key",
    own,
    { ...ownUnnamed, issuer: "CN=b" },
    "CertRotation",
  ],
  [
    "another device's own under another name",
    ownUnnamed,
    { ...ownUnnamed, ...newOwnKey, issuer: "CN=camera" },
    "SuspiciousReplacement",
  ],
  ["an issuer that cannot be read is no difference", from, { ...from, issuer: null }, "CertRotation"],
  ["nor is a key", own, { ...from, keyFingerprint: null }, "CAMigration"],
];

for (const [name, one, other, expected] of cases) {
  Deno.test(`type of an event: ${name}`, () => assert.equal(eventType(one, other), expected));
}
