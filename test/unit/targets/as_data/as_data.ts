import assert from "node:assert/strict";
import { type AsDatabase, loadAsDatabase, parseAddress, TargetError } from "../../../../src/targets/mod.ts";

/** Loads a file with this content, in pieces of this size. */
export function loadContent(content: string | Uint8Array, pieceSize = 1 << 20): Promise<AsDatabase> {
  const octets = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return loadAsDatabase("as.csv", async function* () {
    const buffer = new Uint8Array(pieceSize);
    for (let at = 0; at < octets.length; at += pieceSize) {
      const piece = octets.subarray(at, at + pieceSize);
      buffer.set(piece);
      yield await Promise.resolve(buffer.subarray(0, piece.length));
    }
  });
}

/** The AS of addresses: `64500 Example`, several between semicolons, empty for none. */
export function show(database: AsDatabase, ...addresses: readonly string[]): string[] {
  return addresses.map((text) =>
    database.find(parseAddress(text)!).map(({ number, name }) =>
      name === undefined ? `${number}` : `${number} ${name}`
    )
      .join("; ")
  );
}

/** Loading fails with this message, which its source leads. */
export async function assertFault(content: string | Uint8Array, message: string): Promise<void> {
  await assert.rejects(loadContent(content), (error) => {
    assert.ok(error instanceof TargetError, String(error));
    assert.equal(error.message, message);
    return true;
  });
}
