import { runNative } from "./native.ts";
import type { FuzzTarget } from "./target.ts";

function octets(hexadecimal: string): Uint8Array {
  const digits = hexadecimal.replace(/\s+/g, "");
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

const ethernet = "020000000001 020000000002 0800";
const ipv4 = "4500003c 12344000 40060000 c6336407 c0000201";
const synAck = "01bbffe0 11223344 55667788 a0127120 00000000 " +
  "020405b4 0402 080a 00000001 00000002 01 030307";
const quote = "4500003c 12344000 01060000 c0000201 c6336407 ffe001bb 12345678";

/** Frames, packets and segments as the reader meets them: Ethernet, tags, ARP, IPv4, ICMP errors, TCP with options. */
export const target: FuzzTarget = {
  name: "wire",
  seeds: [
    octets(ethernet + ipv4 + synAck),
    octets("020000000001 020000000002 8100 0007 0800" + ipv4 + synAck),
    octets("020000000001 020000000002 88a8 0007 8100 0008 0800" + ipv4 + synAck),
    octets("ffffffffffff 020000000002 0806 0001 0800 06 04 0002 020000000002 c0000202 020000000001 c0000201"),
    octets(ethernet + "45000038 00000000 40010000 c6336401 c0000201 0301 0000 00000000" + quote),
    octets(ethernet + "47000044 12342000 40060000 c6336407 c0000201 0101010101010100" + synAck),
    octets(ipv4 + synAck),
    octets(synAck),
    octets("0301 0000 00000000" + quote),
  ],
  // 32 + 8 a octet is the bound that zig/src/fuzz.zig states.
  run: (input) => runNative("margay_fuzz_wire", input, 32 + 8 * input.length),
};
