/** CAP_NET_RAW of capabilities(7): what AF_PACKET sockets take. */
const CAP_NET_RAW = 1n << 13n;

/** Whether this process may send and receive whole frames. */
export function hasRawSockets(): boolean {
  const status = Deno.readTextFileSync("/proc/self/status");
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1];
  return effective !== undefined && (BigInt(`0x${effective}`) & CAP_NET_RAW) !== 0n;
}

/** What gives this process {@linkcode hasRawSockets}, half a sentence: a capability belongs to margay's own file. */
export function wayToRawSockets(): string {
  return Deno.build.standalone
    ? `run as root, or once: setcap cap_net_raw+ep ${Deno.execPath()}`
    : "run as root";
}
