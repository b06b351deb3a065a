/** Roots that cannot be read, or are none. The message names the file and, where there is one, the line. */
export class TrustStoreError extends Error {
  override readonly name = "TrustStoreError";
}
