/** A world file: hosts on every address of a prefix that serve TLS 1.2 at no distance, and share 512 chains of two. */
export function simulatedWorld(prefix: string): string {
  return `
certificates 512
chain-length 2
prefix ${prefix}
port 443 tls open
tls-version 1.2
`;
}
