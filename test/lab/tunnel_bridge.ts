// The program that `withTunnel` starts inside the namespaces: SCANNER_DEVICE WORLD_DEVICE. Makes a tun device here and
// another one in the namespace `world`, says "ready", and carries packets between them until it is killed.
import { openSync } from "node:fs";

/** Of linux/if_tun.h and linux/if.h. */
const TUNSETIFF = 0x4004_54can;
const IFF_TUN = 0x0001;
const IFF_NO_PI = 0x1000;
const INTERFACE_NAME_SIZE = 16;
const REQUEST_SIZE = 40;
/** Of fcntl.h and sched.h. */
const O_RDWR = 2;
const CLONE_NEWNET = 0x4000_0000;

const PACKET_SIZE_MAX = 65_535;

const { symbols: libc } = Deno.dlopen("libc.so.6", {
  open: { parameters: ["buffer", "i32"], result: "i32" },
  ioctl: { parameters: ["i32", "u64", "buffer"], result: "i32" },
  setns: { parameters: ["i32", "i32"], result: "i32" },
  read: { parameters: ["i32", "buffer", "usize"], result: "isize", nonblocking: true },
  write: { parameters: ["i32", "buffer", "usize"], result: "isize" },
});

const [scannerDevice, worldDevice] = Deno.args as [string, string];
const scanner = openTunnel(scannerDevice);
// A namespace is a thread's: all of this happens on the main one, and a device stays where it was made.
check(libc.setns(openSync("/run/netns/world", "r"), CLONE_NEWNET), "enter the world");
const world = openTunnel(worldDevice);
console.log("ready");
await Promise.all([carry(scanner, world), carry(world, scanner)]);

/** The descriptor of a tun device that is made here: what is read from it was sent through it. */
function openTunnel(name: string): number {
  const descriptor = libc.open(new TextEncoder().encode("/dev/net/tun\0"), O_RDWR);
  check(descriptor, "open /dev/net/tun");
  const request = new Uint8Array(REQUEST_SIZE);
  new TextEncoder().encodeInto(name, request);
  new DataView(request.buffer).setUint16(INTERFACE_NAME_SIZE, IFF_TUN | IFF_NO_PI, true);
  check(libc.ioctl(descriptor, TUNSETIFF, request), `make ${name}`);
  return descriptor;
}

async function carry(from: number, to: number): Promise<void> {
  const packet = new Uint8Array(PACKET_SIZE_MAX);
  while (true) {
    const size = Number(await libc.read(from, packet, BigInt(packet.length)));
    // A device that is still down can't be read from: it is being set up.
    if (size < 0) await new Promise((resolve) => setTimeout(resolve, 5));
    else libc.write(to, packet, BigInt(size));
  }
}

function check(result: number, action: string): void {
  if (result < 0) throw new Error(`Cannot ${action}: the kernel refused it`);
}
