import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { parseCertificate } from "../../../../src/x509/mod.ts";
import { checkSignature, type SignatureState } from "../../../../src/x509/verify/signature.ts";

const MADE_BY_OPENSSL:
  readonly (readonly [what: string, key: string, options: string, state: SignatureState])[] = [
    ["RSA over MD5", "rsa", "-md5", "valid"],
    ["RSA over SHA-1", "rsa", "-sha1", "valid"],
    ["RSA over SHA-224", "rsa", "-sha224", "valid"],
    ["RSA over SHA-256", "rsa", "-sha256", "valid"],
    ["RSA over SHA-512", "rsa", "-sha512", "valid"],
    ["RSA over SHA3-256", "rsa", "-sha3-256", "valid"],
    ["RSA-PSS", "rsa", "-sha384 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:-1", "valid"],
    [
      "RSA-PSS with a salt of 20",
      "rsa",
      "-sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:20",
      "valid",
    ],
    [
      "RSA-PSS with SHA-1's defaults",
      "rsa",
      "-sha1 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:20",
      "valid",
    ],
    ["a key for RSA-PSS only", "pss", "-sha256", "valid"],
    [
      "RSA-PSS with another mask",
      "rsa",
      "-sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_mgf1_md:sha1",
      "unsupported",
    ],
    ["P-224", "P-224", "-sha256", "valid"],
    ["P-256 over SHA-1", "P-256", "-sha1", "valid"],
    ["P-256 over SHA-224", "P-256", "-sha224", "valid"],
    ["P-256 over SHA-256", "P-256", "-sha256", "valid"],
    ["P-256 over SHA-512", "P-256", "-sha512", "valid"],
    ["P-384 over SHA-256", "P-384", "-sha256", "valid"],
    ["P-384 over SHA-384", "P-384", "-sha384", "valid"],
    ["P-384 over SHA-1", "P-384", "-sha1", "unsupported"],
    ["P-521 over SHA-512", "P-521", "-sha512", "valid"],
    ["P-521 over SHA-256", "P-521", "-sha256", "unsupported"],
    ["secp256k1", "secp256k1", "-sha256", "unsupported"],
    ["brainpool", "brainpoolP256r1", "-sha256", "unsupported"],
    ["Ed25519", "ed25519", "", "valid"],
    ["Ed448", "ed448", "", "valid"],
    ["DSA", "dsa", "-sha256", "unsupported"],
  ];

const KEY_OPTIONS: Readonly<Record<string, string>> = {
  rsa: "-algorithm RSA -pkeyopt rsa_keygen_bits:2048",
  pss: "-algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048",
  ed25519: "-algorithm ed25519",
  ed448: "-algorithm ed448",
};

async function openssl(...args: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("openssl", { args: [...args] }).output();
  assert(success, `openssl ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
}

async function makeKey(path: string, kind: string): Promise<void> {
  let options = (KEY_OPTIONS[kind] ?? `-algorithm EC -pkeyopt ec_paramgen_curve:${kind}`).split(" ");
  if (kind === "dsa") {
    const parameters = `${path}.parameters`;
    await openssl("dsaparam", "-out", parameters, "1024");
    options = ["-paramfile", parameters];
  }
  await openssl("genpkey", "-out", path, ...options);
}

Deno.test("signatures that OpenSSL makes are valid, and over other octets invalid", async (test) => {
  const folder = await Deno.makeTempDir();
  try {
    for (const kind of new Set(MADE_BY_OPENSSL.map(([, key]) => key))) {
      await makeKey(join(folder, kind), kind);
    }
    for (const [what, key, options, state] of MADE_BY_OPENSSL) {
      await test.step(what, async () => {
        const path = join(folder, "certificate.der");
        const fixed = ["req", "-x509", "-subj", `/CN=${key}`, "-days", "1", "-outform", "der", "-out", path];
        await openssl(
          ...fixed,
          "-key",
          join(folder, key),
          ...options.split(" ").filter((option) => option !== ""),
        );
        const certificate = parseCertificate(await Deno.readFile(path));
        const publicKey = certificate.publicKey!;
        assert.equal(await checkSignature(certificate, publicKey), state);
        const tbs = certificate.tbs!.slice();
        tbs[tbs.length - 1]! ^= 1;
        const wrong = await checkSignature({ ...certificate, tbs }, publicKey);
        assert.equal(wrong, state === "valid" ? "invalid" : state);
      });
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("every root of Deno's signed itself", async () => {
  for (const pem of rootCertificates) {
    const base64 = pem.replaceAll(/-----.*-----|\s/g, "");
    const certificate = parseCertificate(new Uint8Array(Buffer.from(base64, "base64")));
    const state = await checkSignature(certificate, certificate.publicKey!);
    assert.equal(state, "valid", certificate.subject?.commonName ?? "");
  }
});
