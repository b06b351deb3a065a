import assert from "node:assert/strict";
import { certificateFields } from "../../../../src/results/zgrab2/certificate.ts";
import { parseCertificate } from "../../../../src/x509/mod.ts";
import { DSA, EVERYTHING, QUALIFIED, WILDCARD } from "./certificates.ts";

/** The same members with the same values, in the same order. */
function assertFields(der: Uint8Array, expected: object): void {
  const fields = certificateFields(parseCertificate(der));
  assert.deepEqual(JSON.parse(JSON.stringify(fields)), expected);
  assert.equal(JSON.stringify(fields), JSON.stringify(expected));
}

Deno.test("a wildcard with an elliptic key and timestamps is told in zcrypto's words", () => {
  assertFields(WILDCARD, {
    version: 3,
    serial_number: "294647233722814712754417658626119973106162",
    signature_algorithm: { name: "SHA256-RSA", oid: "1.2.840.113549.1.1.11" },
    issuer: { common_name: ["Let's Encrypt Authority X3"], country: ["US"], organization: ["Let's Encrypt"] },
    issuer_dn: "C=US, O=Let's Encrypt, CN=Let's Encrypt Authority X3",
    validity: { start: "2018-07-03T06:08:13Z", end: "2018-10-01T06:08:13Z", length: 7_776_000 },
    subject: { common_name: ["*.19670306.xyz"] },
    subject_dn: "CN=*.19670306.xyz",
    subject_key_info: {
      key_algorithm: { name: "ECDSA" },
      ecdsa_public_key: {
        b: "szEvp+I+5+SYjgVr4/gtGRgdnG7+gUESAxQIj1ATh1rGVjmNii7RnSqFyO3T7Crv",
        curve: "P-384",
        gx: "qofKIr6LBTeOscce8yCtdG4dO2KLp5uYWfdB4IJUKjhVAvJdv1UpbDpUXjhydgq3",
        gy: "NhfeSpYmLG9dnpi/kpLcKfj0Hb0omhR86doxE7XwuMAKYLHOHX6BnXpDHXyQ6g5f",
        length: 384,
        n: "////////////////////////////////x2NNgfQ3Ld9YGg2ySLCneuzsGWrMxSlz",
        p: "//////////////////////////////////////////7/////AAAAAAAAAAD/////",
        pub: "BF9wBueiWtjBCpYnFzZlSAPyPiEDvQmj22avvmRw1EOLz4nhqHOyiXDoHEH+49XGjf4ZYGM1WCECjKjptG6eYN8Qnnjq" +
          "s5T7J7jDPo+P6GtP6P2hzT52w/Yf+nSIHuVcbQ==",
        x: "X3AG56Ja2MEKlicXNmVIA/I+IQO9CaPbZq++ZHDUQ4vPieGoc7KJcOgcQf7j1caN",
        y: "/hlgYzVYIQKMqOm0bp5g3xCeeOqzlPsnuMM+j4/oa0/o/aHNPnbD9h/6dIge5Vxt",
      },
      fingerprint_sha256: "ba000592502c3cd301e9a69ebbee24359ddde5d5e852ff263a58f8285c140132",
    },
    extensions: {
      key_usage: { digital_signature: true, value: 1 },
      basic_constraints: { is_ca: false },
      subject_alt_name: { dns_names: ["*.19670306.xyz", "19670306.xyz"] },
      authority_key_id: "a84a6a63047dddbae6d139b7a64565eff3a8eca1",
      subject_key_id: "b4314d8eadce8cffceeda5c0e8e99b75809bcf34",
      extended_key_usage: { server_auth: true, client_auth: true },
      certificate_policies: [
        { id: "2.23.140.1.2.1" },
        {
          id: "1.3.6.1.4.1.44947.1.1.1",
          cps: ["http://cps.letsencrypt.org"],
          user_notice: [{
            explicit_text:
              "This Certificate may only be relied upon by Relying Parties and only in accordance with " +
              "the Certificate Policy found at https://letsencrypt.org/repository/",
          }],
        },
      ],
      authority_info_access: {
        ocsp_urls: ["http://ocsp.int-x3.letsencrypt.org"],
        issuer_urls: ["http://cert.int-x3.letsencrypt.org/"],
      },
      signed_certificate_timestamps: [
        {
          version: 0,
          log_id: "23Sv7ssp7LH+yj5xbSzluaq7NveEcYPHXZ1PN7Yfv2Q=",
          timestamp: 1_530_601_693,
          signature:
            "BAMARjBEAiBQQA3QA72QDGAxud5xgU3a14To64NYQrxjoO+2h9Z+WQIgbGm0nJ3WlrE+Mr3zJx0r1Q6qMEV1v0MPH3jp" +
            "dvYL6RA=",
        },
        {
          version: 0,
          log_id: "KTxRllTIOWW6qlD8WAfUt2+/WHopctykwwz05UVH9Hg=",
          timestamp: 1_530_601_693,
          signature:
            "BAMARzBFAiAbHwyeNNhedTQKGL2voPrMCgvH8/gvUBlmCmY8tBiFVAIhAN6xelB/jz+pn9Uz30Yj9bcUtkk5JtsyKJO6" +
            "5yBmNeGv",
        },
      ],
    },
    signature: {
      signature_algorithm: { name: "SHA256-RSA", oid: "1.2.840.113549.1.1.11" },
      value:
        "eTVX9Bl2qJyt76Mf6FYJwMHXlZ5OKXnBgs5DWyHl61srhisVy89MJlMU8vsJ+su7UFUqlN0yULfS/2hCKJYiZY/b+Dh4UibD" +
        "xwZnYd6XmWGp+0WFObRhvQU7+OHAjcvqrSR1Y0uiKHnMB+YnM+o6WADZPyKKL38Nit+OMLMhIO5SFNYgw9XcsUR5UgZYWVMNDC77" +
        "jMobsG5cF7uslfVdx8O0wmfIniVp4Awri2vDq037EnhyQQEjC/Vwc/KcKnlnElg2/s7M0fqjjkhN6J4qoF8It+teX7MATZ3lwEC7" +
        "VdaCOxcS2v+z3hONE2bBKFmVMmFtIm+j4PxsF7gFEgTKEA==",
      valid: false,
      self_signed: false,
    },
    fingerprint_md5: "7bf35fc5ecbde6b8ae46cba44fd4c2fb",
    fingerprint_sha1: "67ec38340211a7f00fb97a3d46955bbff3997f5c",
    fingerprint_sha256: "8aa4d2069c12fc0f3e1bcd3a6c5ffdd30797415370664d3b13abaa41a7706655",
    tbs_noct_fingerprint: "054d3f4bfae05fbab29c27277fd2795b9ae5912696214832da2a25e54878456a",
    spki_subject_fingerprint: "d9de57368d591fdabbb5e209e75933f227915fc1bb5a0531efa37d39003571f9",
    tbs_fingerprint: "c7af07c3bfc4e9fcc8fdef4e94981064a644155979c38cce618e3857c7a698a1",
    validation_level: "DV",
    names: ["*.19670306.xyz", "19670306.xyz"],
    redacted: false,
  });
});

Deno.test("a qualified precertificate is told in zcrypto's words", () => {
  assertFields(QUALIFIED, {
    version: 3,
    serial_number: "202093337738244911112370",
    signature_algorithm: { name: "SHA256-RSA", oid: "1.2.840.113549.1.1.11" },
    issuer: {
      common_name: ["Buypass Class 3 CA 2"],
      country: ["NO"],
      organization: ["Buypass AS-983163327"],
    },
    issuer_dn: "C=NO, O=Buypass AS-983163327, CN=Buypass Class 3 CA 2",
    validity: { start: "2020-02-04T14:05:09Z", end: "2022-02-03T22:59:00Z", length: 63_104_031 },
    subject: {
      common_name: ["qwac.prod.vipps.no"],
      serial_number: ["918713867"],
      country: ["NO"],
      locality: ["OSLO"],
      organization: ["VIPPS AS"],
      postal_code: ["0150"],
      jurisdiction_country: ["NO"],
      organization_id: ["PSDNO-FSA-918713867"],
    },
    subject_dn:
      "postalCode=0150, L=OSLO, businessCategory=Private Organization, jurisdictionCountry=NO, C=NO, " +
      "O=VIPPS AS, CN=qwac.prod.vipps.no, organizationIdentifier=PSDNO-FSA-918713867, serialNumber=918713867",
    subject_key_info: {
      key_algorithm: { name: "RSA" },
      rsa_public_key: {
        exponent: 65_537,
        modulus:
          "pZhG4M3ej2sh+PdDZdMP6mW2w0Ulw11O6xg2NWaU4qypfggxS+HC5QM65GGyvHZh0BlVTYs1zuIQSxeylitwcoyOLpv1kZtX" +
          "tvhXjGlnJJJCXOJh6g86WeWrhUxHFOQQtvtFg7ZhaYpeyldabnHcDcyxq3LVQmRL6WQwSQgEHCIlXCSI5+DCcBKr9iZYokq0kAg6" +
          "jCFJojhUypv/rRYS2C3HBWtlWiw1Ln0BeJVEzXaCyQsmtX/TQb0W4O1YhGmvj7fC+P+mQh4PJqwd2mU5CGjcJWLdd664TudjU8uD" +
          "iR7/VgwaCbi0m8ugcJNxvZ3/yLElj95aHY6gKG+rmciIGQ==",
        length: 2048,
      },
      fingerprint_sha256: "7e0b4098d838ebe5238997c5418ea20b96a1f7e9b643293885197d609d09e77c",
    },
    extensions: {
      key_usage: { digital_signature: true, key_encipherment: true, value: 5 },
      basic_constraints: { is_ca: false },
      subject_alt_name: { dns_names: ["qwac.prod.vipps.no"] },
      crl_distribution_points: ["http://crl.buypass.no/crl/BPClass3CA2.crl"],
      authority_key_id: "22302ed2fbf64bcac0b83bd204c4e972e6979b0c",
      subject_key_id: "a002f1a7fd4a9e9932efeebaa1a3aa1e2ee7eec5",
      extended_key_usage: { server_auth: true, client_auth: true },
      certificate_policies: [
        { id: "2.16.578.1.26.1.3.3", cps: ["https://www.buypass.no/cps"] },
        { id: "2.23.140.1.1" },
        { id: "0.4.0.194112.1.4" },
      ],
      authority_info_access: {
        ocsp_urls: ["http://ocsp.buypass.com"],
        issuer_urls: ["http://crt.buypass.no/crt/BPClass3CA2.cer"],
      },
      ct_poison: true,
      cabf_organization_id: { scheme: "PSD", country: "NO", reference: "918713867" },
      qc_statements: {
        ids: ["0.4.0.1862.1.1", "0.4.0.19495.2", "0.4.0.1862.1.6", "0.4.0.1862.1.5"],
        parsed: {
          etsi_compliance: [true],
          types: [{ ids: ["0.4.0.1862.1.6.3"] }],
          pds_locations: [{ locations: [{ url: "https://www.buypass.no/pds/pds_en.pdf", language: "en" }] }],
        },
      },
    },
    signature: {
      signature_algorithm: { name: "SHA256-RSA", oid: "1.2.840.113549.1.1.11" },
      value:
        "C6EnzHU7tGVa2HUw0Y3KaRtgSkF3FNAsO63VRac/SZMykM60bM9nuwdy46/o01iQ+wi+P/kS5r6UYIBOwLOmv6PrMuj+nV3Y" +
        "hADI9/A1R4MqEjKWHzVefTXUT6vWOm7JDf2n4H3wdh/LxdfjxEn01/NcCPh+HEgatldcoXpnirVKctO2Kgg5dD2uLWtPQixr2aJQ" +
        "x+4wALCBG7cwKmp0M9CLJv35+O2/1dMwhm95NfpcX6t53F7M9720fTeFTYALX1jdN2SxA7VyHqhkc0poTNtKtutRkMMWkwcDSz/F" +
        "D0NMjJdsaVIJ+bdB7gh7JT1hd4CBJDKRhNRq9aSGGIcEeQ==",
      valid: false,
      self_signed: false,
    },
    fingerprint_md5: "ed91f4dc129bb1e645e36454b4955fd6",
    fingerprint_sha1: "f1b7533029586920ee56df926bc59dcd8cfa3630",
    fingerprint_sha256: "f42775eeb4baa39ab4ba0e3a37ee2f30a41267274ea20a75ae2721cae39f9a83",
    tbs_noct_fingerprint: "cff7cb3009a22b725e4d3d71762c377cbdefd196cff2712a0893e2c29870b320",
    spki_subject_fingerprint: "b4e3dff7dbac7fa5744f916ddaac9bb7ac09f6914c523d8cd356b543b621802c",
    tbs_fingerprint: "e5d2338b23acb820d285a04b800aa4f9fc162c8c919cb2b957f2b2209848a0b2",
    validation_level: "EV",
    names: ["qwac.prod.vipps.no"],
    redacted: false,
  });
});

Deno.test("a DSA key and an extension that zcrypto does not read are told in its words", () => {
  const name = { name: "SHA1-RSA", oid: "1.2.840.113549.1.1.5" };
  assertFields(DSA, {
    version: 3,
    serial_number: "1208925819615860693084129",
    signature_algorithm: name,
    issuer: {
      common_name: ["Audkenni Secure Server CA"],
      country: ["IS"],
      organization: ["Audkenni hf."],
      organizational_unit: ["Secure Server CA"],
    },
    issuer_dn: "C=IS, O=Audkenni hf., OU=Secure Server CA, CN=Audkenni Secure Server CA",
    validity: { start: "2009-01-09T16:26:17Z", end: "2010-01-26T12:54:17Z", length: 32_992_080 },
    subject: {
      common_name: ["ip.Arnasonfaktor.is"],
      country: ["IS"],
      locality: ["Reykjavik"],
      province: ["Iceland"],
      organization: ["Arnason Faktor"],
      organizational_unit: ["ip.arnasonfaktor.is"],
    },
    subject_dn:
      "C=IS, ST=Iceland, L=Reykjavik, O=Arnason Faktor, OU=ip.arnasonfaktor.is, CN=ip.Arnasonfaktor.is",
    subject_key_info: {
      key_algorithm: { name: "DSA" },
      dsa_public_key: {
        g: "9+GghdabPd7LvKtcNrhXuXmUr7v6OuqC+VdMCz0HgmdRWVeOutRZT+ZxBxCBgLRJFnEj6EwoFhO3zwkyjMim4TwWeotUfI0o4KOu" +
          "HiuzpnWRbqN/C/ohNWLx+2J6ASQ7zKTxvqhRkImog9/hWuWfBpKLZl6Ae1UlZAFMO/7PSSo=",
        p: "/X9TgR11EilS30qcLuzk5/YRt1I870QAwx4/gLZRJmlFXUAiUftZPY1Y+r/F9bow9subVWzXgTuAHTRv8mZgt2uZUKWkn5/oBHsQ" +
          "IsJPu6nX/rfGG/g7V+fGqKYVDwT7g/bTxR7DAjVUE1oWkTL2dfOuK2HXKu/yIgMZndFIAcc=",
        q: "l2BQjxUjC8yykrmCouuEC/BYHPU=",
        y: "bY8lujOuWu/IoIxz9mojYReO6rw9zsCkpblrVLuzlgui2JMI465K/1a+SzKHT/bo2K1/NbOe0UZry/jN6emSNNj/sgc5pdxYCh2c" +
          "4amIeLkXDoUOOeztn19/dyLtRB7Npf7H+1Ip1LLUegSQPS6LAO80flb6ftNCRU85G7stvy8=",
      },
      fingerprint_sha256: "19ec4c6b3f515b8b2f82fa475a096c71c842c64c9ece251ef8452a6e1d8544f2",
    },
    extensions: {
      key_usage: {
        digital_signature: true,
        content_commitment: true,
        key_encipherment: true,
        data_encipherment: true,
        value: 15,
      },
      authority_key_id: "c21f54e3ac5dc886704ffeeeb2c7b13a44f3ea5d",
    },
    unknown_extensions: [{ id: "2.16.840.1.113730.1.1", critical: false, value: "AwIGQA==" }],
    signature: {
      signature_algorithm: name,
      value:
        "BQc6It3YV3KDgAD6XVcRivzs/U5lYsa7tRw57jYQ3wD7HOEFqdyAi15+PledmPbGOfx0/WuF+X1pVFZCWjzQtdT20Qwe3woW" +
        "3rYExkZHQMUMD9a1I3JZlRhzA5Lw6VD83C1YgJ/8MO0ka+innqRYrPDL4jLl5S1Rld8yuAUR4vo=",
      valid: false,
      self_signed: false,
    },
    fingerprint_md5: "d7ba7aadc3b1c75cac88b4a66e5c9bde",
    fingerprint_sha1: "f29179add76028cf49737c46d84406ae891ec5e6",
    fingerprint_sha256: "d13e169153c233f1418568a64c7a5661b80064e38ee60de69fafc25a5b768782",
    tbs_noct_fingerprint: "e1cecad111fcb3a38c5ea2fe876d66b67aec51065f2a384003ee563209a0978c",
    spki_subject_fingerprint: "f984446b18e789d5349f49f1176ba148f92aee6034596fb230ae5211fb83466a",
    tbs_fingerprint: "e1cecad111fcb3a38c5ea2fe876d66b67aec51065f2a384003ee563209a0978c",
    validation_level: "unknown",
    names: ["ip.Arnasonfaktor.is"],
    redacted: false,
  });
});

Deno.test("every extension, name and constraint is told in zcrypto's words", () => {
  assertFields(EVERYTHING, {
    version: 3,
    serial_number: "613653209596260018580021111981784820412166442609",
    signature_algorithm: { name: "ECDSA-SHA256", oid: "1.2.840.10045.4.3.2" },
    issuer: {
      common_name: ["www.example.com"],
      country: ["US"],
      organization: ["Ex, am+ple <Inc>; & Sons\\"],
    },
    issuer_dn: "C=US, O=Ex\\, am\\+ple \\<Inc\\>\\; & Sons\\\\, CN=www.example.com",
    validity: { start: "2026-11-21T16:13:07Z", end: "2026-12-21T16:13:07Z", length: 2592000 },
    subject: {
      common_name: ["www.example.com"],
      country: ["US"],
      organization: ["Ex, am+ple <Inc>; & Sons\\"],
    },
    subject_dn: "C=US, O=Ex\\, am\\+ple \\<Inc\\>\\; & Sons\\\\, CN=www.example.com",
    subject_key_info: {
      key_algorithm: { name: "ECDSA" },
      ecdsa_public_key: {
        b: "WsY12Ko6k+ez671VdpiGvGUdBrDMU7D2O848PifSYEs=",
        curve: "P-256",
        gx: "axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY=",
        gy: "T+NC4v4af5uO5+tKfA+eFivOM1drMV7Oy7ZAaDe/UfU=",
        length: 256,
        n: "/////wAAAAD//////////7zm+q2nF56E87nKwvxjJVE=",
        p: "/////wAAAAEAAAAAAAAAAAAAAAD///////////////8=",
        pub: "BAopRz5i5I2ruCap2yyYMOnBxls4HrnglclhLTJxtnzzQkxCdHC/t41XiDg+fQM88kqFF+qmRcgfbR5hBRcE" + "IoI=",
        x: "CilHPmLkjau4JqnbLJgw6cHGWzgeueCVyWEtMnG2fPM=",
        y: "QkxCdHC/t41XiDg+fQM88kqFF+qmRcgfbR5hBRcEIoI=",
      },
      fingerprint_sha256: "71435547cd6524e925461c150dc2dd1a787319048ac983cbb0deb52fdc20d97a",
    },
    extensions: {
      key_usage: {
        digital_signature: true,
        content_commitment: true,
        key_encipherment: true,
        data_encipherment: true,
        key_agreement: true,
        certificate_sign: true,
        crl_sign: true,
        encipher_only: true,
        decipher_only: true,
        value: 511,
      },
      basic_constraints: { is_ca: true, max_path_len: 0 },
      subject_alt_name: {
        directory_names: [{
          common_name: ["Dir Name"],
          country: ["DE"],
          organization: ["Dir"],
          organizational_unit: ["A"],
        }],
        dns_names: [
          "www.example.com",
          "*.example.com",
          "localhost",
          "xn--bcher-kva.example",
          "_dmarc.example.com",
          "a_b.example.com",
          "example.com.",
          "?.redacted.example.com",
        ],
        email_addresses: ["admin@example.com"],
        ip_addresses: ["192.0.2.1", "2001:db8::2"],
        other_names: [{ id: "1.3.6.1.4.1.311.20.2.3", value: "DBB1c2VyQGV4YW1wbGUuY29t" }],
        registered_ids: ["1.2.3.4"],
        uniform_resource_identifiers: [
          "https://example.com/path?x=1&y=<z>",
          "urn:uuid:1234",
          "spiffe://example.org/ns/x",
        ],
      },
      issuer_alt_name: {
        directory_names: [{
          common_name: ["Dir Name"],
          country: ["DE"],
          organization: ["Dir"],
          organizational_unit: ["A"],
        }],
        dns_names: ["issuer.example"],
        email_addresses: ["a@b.example"],
        ip_addresses: ["2001:db8::1"],
        other_names: [{ id: "1.2.3.4", value: "DARzb21l" }],
        registered_ids: ["1.2.3.4.5"],
        uniform_resource_identifiers: ["http://issuer.example/?a=1&b=<2>"],
      },
      name_constraints: {
        critical: true,
        permitted_names: [".example.com"],
        permitted_email_addresses: ["@example.com"],
        permitted_uris: [".example.org"],
        permitted_ip_addresses: [{
          cidr: "192.168.1.1/16",
          begin: "192.168.0.0",
          end: "192.168.255.255",
          mask: "255.255.0.0",
        }, {
          cidr: "2001:db8::/32",
          begin: "2001:db8::",
          end: "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
          mask: "ffff:ffff::",
        }],
        permitted_directory_names: [{
          common_name: ["Dir Name"],
          country: ["DE"],
          organization: ["Dir"],
          organizational_unit: ["A"],
        }],
        excluded_names: ["bad.example.com"],
        excluded_email_addresses: ["x@y.example"],
        excluded_ip_addresses: [{ cidr: "10.0.0.0/ff00ff00" }, {
          cidr: "0.0.0.0/0",
          begin: "0.0.0.0",
          end: "255.255.255.255",
          mask: "0.0.0.0",
        }],
      },
      crl_distribution_points: ["http://crl.example/1.crl", "http://crl.example/2.crl"],
      subject_key_id: "86c31b71f88b9314848e576c2c6339549477f469",
      extended_key_usage: {
        microsoft_server_gated_crypto: true,
        microsoft_encrypted_file_system: true,
        server_auth: true,
        client_auth: true,
        code_signing: true,
        email_protection: true,
        time_stamping: true,
        ocsp_signing: true,
        netscape_server_gated_crypto: true,
        any: true,
        unknown: ["1.3.6.1.5.5.7.3.17", "1.2.3.4.5.6"],
      },
      certificate_policies: [{ id: "2.23.140.1.2.2" }, { id: "1.2.3.4" }, {
        id: "1.3.5.8",
        cps: ["http://cps.example/", "http://cps2.example/"],
        user_notice: [{
          explicit_text: "Grüße <b>",
          notice_reference: [{ organization: "Org", notice_numbers: [1, 2, 3] }],
        }, { explicit_text: "Only text", notice_reference: [{ organization: "Org2", notice_numbers: [9] }] }],
      }],
      authority_info_access: {
        ocsp_urls: ["http://ocsp.example/"],
        issuer_urls: ["http://ca.example/ca.crt"],
      },
      ct_poison: true,
    },
    unknown_extensions: [{ id: "1.3.6.1.5.5.7.1.24", critical: false, value: "MAMCAQU=" }, {
      id: "2.16.840.1.113730.1.13",
      critical: false,
      value: "FgVIZWxsbw==",
    }, { id: "1.2.3.4.5.6.7", critical: false, value: "BQA=" }],
    signature: {
      signature_algorithm: { name: "ECDSA-SHA256", oid: "1.2.840.10045.4.3.2" },
      value: "MEQCID3ewYVkRnDxd+GtWOfD4bPVMYR9CwVvCubqc2zC1jO9AiBsWQSt5ojcPV0NzjKmOuU8cn+qWbRlSfFD" +
        "Nrn9Myhvww==",
      valid: true,
      self_signed: true,
    },
    fingerprint_md5: "99191330a5cf0384520f8ee0ab40a9a0",
    fingerprint_sha1: "3a47bdb19c9a752ce3bb7b76d5ca77a7d3686776",
    fingerprint_sha256: "fcb4036ef88341299520410a33a39bccaab7a956477fbe6b0a242081d831d131",
    tbs_noct_fingerprint: "a530f6737b677b5f739b4c78ced33859a76bbd4c2e1b724dcddc5d0d450c8361",
    spki_subject_fingerprint: "e92179428079e1b10353bdf8fe5674514ba6a9b2d9f6a72be15e0d5d7b6f1237",
    tbs_fingerprint: "8c79799a93c8850cc640be61390d195824f785b62276f122afd67797474dfaab",
    validation_level: "unknown",
    names: [
      "*.example.com",
      "192.0.2.1",
      "?.redacted.example.com",
      "a_b.example.com",
      "example.com.",
      "https://example.com/path?x=1&y=<z>",
      "localhost",
      "www.example.com",
      "xn--bcher-kva.example",
    ],
    redacted: true,
  });
});

Deno.test("a certificate without the parts that every one has is not told", () => {
  assert.equal(certificateFields(parseCertificate(WILDCARD.subarray(0, 300))), undefined);
  assert.equal(certificateFields(parseCertificate(new Uint8Array(0))), undefined);
});
