/**
 * Finds, loads and checks the native library. It is opened from a memfd: a temporary file with a predictable name,
 * which is what `Deno.dlopen` makes of an embedded file, could be replaced by another user before it is loaded.
 *
 * @module
 */
import { abiFingerprint, Status, symbols } from "./bindings.ts";
import { NativeError, statusName } from "./error.ts";

export type Symbols = Deno.DynamicLibrary<typeof symbols>["symbols"];

/** Where the library is: beside the sources, and under the same path inside the executable. */
const DEFAULT_LOCATION = new URL("../zig/zig-out/lib/libmargay.so", import.meta.url);

let loaded: Symbols | undefined;

/** The library's functions. Throws a plain error when the file is missing or belongs to another build. */
export function native(): Symbols {
  loaded ??= load(DEFAULT_LOCATION);
  return loaded;
}

/** The one place where a status becomes an error. `action` completes "Cannot ...". */
export function check(status: number, action: string): void {
  if (status === Status.ok) return;
  const name = statusName(status);
  const code = new Uint32Array(1);
  if (name === "systemCall") loaded?.margay_last_code(code);
  throw new NativeError(name, action, code[0] || undefined);
}

/** Loads the library from a file of the user's or of the executable's. */
export function load(location: URL): Symbols {
  const path = decodeURIComponent(location.pathname);
  let bytes: Uint8Array;
  try {
    bytes = Deno.readFileSync(location);
  } catch (error) {
    const reason = error instanceof Deno.errors.NotFound ? "no such file" : reasonOf(error);
    throw new Error(`Cannot load the packet plane ${path}: ${reason}; build it with: deno task build`);
  }
  if (!isWholeElf(bytes)) throw mismatch(path, "it is cut off, or no library");
  let opened: Symbols;
  try {
    opened = openFromMemory(bytes);
  } catch (error) {
    throw mismatch(path, reasonOf(error));
  }
  const fingerprint = new BigUint64Array(1);
  check(opened.margay_abi(fingerprint), "read the version of the packet plane");
  if (fingerprint[0] !== abiFingerprint) throw mismatch(path, "it belongs to another version of margay");
  return opened;
}

function mismatch(path: string, reason: string): Error {
  return new Error(`Cannot load the packet plane ${path}: ${reason}; build it again with: deno task build`);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The dynamic linker maps a library that was cut off without a word; the process dies where the rest is missing. */
function isWholeElf(bytes: Uint8Array): boolean {
  if (bytes.length < 64) return false;
  const header = new DataView(bytes.buffer, bytes.byteOffset, 64);
  // Elf64_Ehdr of elf(5): e_ident's magic, then where the section headers are, which linkers put last.
  const sectionsEnd = Number(header.getBigUint64(40, true)) +
    header.getUint16(58, true) * header.getUint16(60, true);
  return header.getUint32(0) === 0x7f454c46 && sectionsEnd <= bytes.length;
}

function openFromMemory(bytes: Uint8Array): Symbols {
  const libc = Deno.dlopen("libc.so.6", {
    memfd_create: { parameters: ["buffer", "u32"], result: "i32" },
    close: { parameters: ["i32"], result: "i32" },
  });
  try {
    const closeOnExec = 1;
    const descriptor = libc.symbols.memfd_create(new TextEncoder().encode("margay\0"), closeOnExec);
    if (descriptor < 0) throw new Error("the kernel made no memory file (memfd_create)");
    try {
      const path = `/proc/self/fd/${descriptor}`;
      Deno.writeFileSync(path, bytes);
      // Then the descriptor stays open: the linker knows a library by its path, and would take whatever gets the same
      // number later for this one.
      return Deno.dlopen(path, symbols).symbols;
    } catch (error) {
      libc.symbols.close(descriptor);
      throw error;
    }
  } finally {
    libc.close();
  }
}
