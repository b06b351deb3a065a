import assert from "node:assert/strict";
import { rootCertificates } from "node:tls";
import { join } from "node:path";
import { readTrustStore } from "../../../../src/x509/verify/mod.ts";
import { authority, issue, makeKeys, pem } from "./issue.ts";

const first = issue("First", makeKeys("P-256"), undefined, { extensions: authority() }).der;
const second = issue("Second", makeKeys("P-256"), undefined, { extensions: authority() }).der;

type Content = string | Uint8Array;

/** Reads a folder of these files, or the one file named `only`. */
async function read(files: Readonly<Record<string, Content>>, only?: string) {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, content] of Object.entries(files)) {
      const octets = typeof content === "string" ? new TextEncoder().encode(content) : content;
      await Deno.writeFile(join(folder, name), octets);
    }
    return await readTrustStore(only === undefined ? folder : join(folder, only));
  } catch (error) {
    // So that messages can be compared.
    if (error instanceof Error) error.message = error.message.replaceAll(folder, "FOLDER");
    throw error;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const readFile = (content: Content) => read({ "roots.pem": content }, "roots.pem");

Deno.test("without a path, the roots are Deno's", async () => {
  const { certificates, source } = await readTrustStore();
  assert.equal(certificates.length, new Set(rootCertificates).size);
  assert(certificates.length > 100);
  assert.equal(source, "Deno's roots");
});

Deno.test("a PEM file may hold many certificates, explanations between them, and one twice", async () => {
  const text = `# First, für alle\n${pem(first)}\r\nsubject=Second\n${pem(second)}${pem(first)}`;
  assert.equal((await readFile(text)).certificates.length, 2);
  assert.equal((await readFile(pem(first).replaceAll("\n", "\r\n"))).certificates.length, 1);
});

Deno.test("a file may be DER", async () => {
  assert.equal((await readFile(first)).certificates.length, 1);
});

Deno.test("of a folder, the certificate files are read", async () => {
  const store = await read({
    "a.pem": pem(first),
    "0a1b2c3d.0": pem(first),
    "b.der": second,
    "README": "no root",
  });
  assert.equal(store.certificates.length, 2);
});

Deno.test("what holds no certificate is refused", async () => {
  const none = /^Cannot read roots from FOLDER\/roots.pem: there is no certificate in it; name a file/;
  await assert.rejects(readFile("garbage\n"), { message: none });
  await assert.rejects(readFile(Uint8Array.of(0xff, 0x00)), { message: none });
  await assert.rejects(readFile(""), {
    message: /^Cannot read roots from FOLDER\/roots.pem: it is empty; name/,
  });
  await assert.rejects(
    read({ "README": "none" }),
    { message: /^Cannot read roots from FOLDER: there is no certificate file in it/ },
  );
});

Deno.test("what is not there, or may not be read, is refused", async () => {
  await assert.rejects(
    readTrustStore("no/such/file"),
    { message: /^Cannot read roots from no\/such\/file: there is no such file$/ },
  );
});

Deno.test("one damaged certificate among good ones is refused, with its line", async () => {
  const good = pem(first);
  const lineCount = good.split("\n").length - 1;
  const line = new RegExp(`^Cannot read the certificate at FOLDER/roots.pem:${lineCount + 1}: Cannot read `);
  await assert.rejects(readFile(good + pem(second.subarray(0, 200))), { message: line });
  await assert.rejects(
    readFile(first.subarray(0, 100)),
    { message: /^Cannot read the certificate at FOLDER\/roots.pem: / },
  );
  const marred = good.replace(/\n.{10}/, "\n!");
  await assert.rejects(
    readFile(marred),
    { message: /^Cannot read FOLDER\/roots.pem:1: the block is not base64; take it out$/ },
  );
});

Deno.test("blocks that are not whole, or are something else, are refused, with their line", async () => {
  const [begin, body, end] = pem(first).split(/(?<=BEGIN CERTIFICATE-----\n)|(?=-----END)/);
  const at = (line: number, state: string) => ({
    message: new RegExp(`^Cannot read FOLDER/roots.pem:${line}: ${state}`),
  });
  await assert.rejects(readFile(begin! + body!), at(1, "the block has no end; take it out$"));
  await assert.rejects(
    readFile(begin! + begin! + body! + end!),
    at(2, "the block of line 1 has no end; take it out$"),
  );
  await assert.rejects(
    readFile(pem(first).replace(begin!, "\n") + pem(first)),
    at(1 + body!.split("\n").length, "the block has no begin; take it out$"),
  );
  await assert.rejects(
    readFile("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"),
    at(1, "it is a PRIVATE KEY where only certificates are taken; take it out$"),
  );
});
