/**
 * Feeds an input piece by piece, 1 to 61 octets long as the input itself says, and spoils each piece afterwards, so
 * that whoever keeps it is found out. Returns how many pieces there were.
 */
export function feedPieces(input: Uint8Array, feed: (piece: Uint8Array) => void): number {
  let pieceCount = 0;
  for (let offset = 0; offset < input.length; pieceCount++) {
    const size = 1 + input[offset]! % 61;
    const piece = input.slice(offset, offset + size);
    feed(piece);
    piece.fill(0xee);
    offset += size;
  }
  return pieceCount;
}
