import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { abiFingerprint } from "../../../ffi/bindings.ts";
import { check, load } from "../../../ffi/library.ts";
import { NativeError } from "../../../ffi/mod.ts";

const built = new URL("../../../zig/zig-out/lib/", import.meta.url);

async function withFile(bytes: Uint8Array, use: (location: URL) => void): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "lib margay.so");
    await Deno.writeFile(path, bytes);
    use(pathToFileURL(path));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Where `wanted` is in `bytes`, all of it. */
function placesOf(wanted: Uint8Array, bytes: Uint8Array): number[] {
  const places: number[] = [];
  for (let at = bytes.indexOf(wanted[0]!); at !== -1; at = bytes.indexOf(wanted[0]!, at + 1)) {
    if (wanted.every((octet, index) => bytes[at + index] === octet)) places.push(at);
  }
  return places;
}

Deno.test("the library that was built loads", () => {
  assert.equal(typeof load(new URL("libmargay.so", built)).margay_abi, "function");
});

Deno.test("a library that is missing: which, and how to make it", () => {
  assert.throws(() => load(new URL("file:///nowhere/libmargay.so")), {
    name: "Error",
    message:
      "Cannot load the packet plane /nowhere/libmargay.so: no such file; build it with: deno task build",
  });
});

Deno.test("a file that is no library", async () => {
  for (const content of ["", "#!/bin/sh\necho hello\n", "\x7fELF and then nonsense"]) {
    await withFile(new TextEncoder().encode(content), (location) => {
      assert.throws(() => load(location), {
        name: "Error",
        message:
          /^Cannot load the packet plane \/.*\/lib margay\.so: .+; build it again with: deno task build$/,
      });
    });
  }
});

Deno.test("a library that is another one", () => {
  assert.throws(() => load(new URL("libmargay-fuzz.so", built)), {
    name: "Error",
    message:
      /^Cannot load the packet plane \/.*\/libmargay-fuzz\.so: .*margay_.*; build it again with: deno task build$/,
  });
});

Deno.test("a library of another version is known by its fingerprint", {
  // Elsewhere the number is spread over instructions.
  ignore: Deno.build.arch !== "x86_64",
}, async () => {
  const bytes = await Deno.readFile(new URL("libmargay.so", built));
  const fingerprint = new Uint8Array(new BigUint64Array([abiFingerprint]).buffer);
  const places = placesOf(fingerprint, bytes);
  assert(places.length > 0, "the fingerprint is in the library");
  for (const place of places) bytes[place]! ^= 1;
  await withFile(bytes, (location) => {
    assert.throws(() => load(location), {
      name: "Error",
      message: /: it belongs to another version of margay; build it again with: deno task build$/,
    });
  });
});

Deno.test("a status says what could not be done and why", () => {
  check(0, "do anything");
  assert.throws(() => check(3, "open a packet socket"), (error) => {
    assert(error instanceof NativeError);
    assert.equal(error.status, "noPermission");
    assert.equal(error.message, "Cannot open a packet socket: permission denied; it takes CAP_NET_RAW");
    return true;
  });
  assert.throws(() => check(9_999, "go on"), { message: "Cannot go on: a system call failed" });
});
