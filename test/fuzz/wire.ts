import { runNative } from "./native.ts";
import { octets } from "./octets.ts";
import type { FuzzTarget } from "./target.ts";

const ethernet = "020000000001 020000000002 0800";
const ipv4 = "4500003c 12344000 40060000 c6336407 c0000201";
const synAck = "01bbffe0 11223344 55667788 a0127120 00000000 " +
  "020405b4 0402 080a 00000001 00000002 01 030307";
const quote = "4500003c 12344000 01060000 c0000201 c6336407 ffe001bb 12345678";

const ethernet6 = "020000000001 020000000002 86dd";
const addresses6 = "20010db8000000000000000000000007 20010db8000000000000000000000001";
const quote6 = "60000000 0028 06 01" + addresses6 + "ffe001bb 12345678";
const target6 = "20010db8000000000000000000000001";

/**
 * Frames, packets and segments as the reader meets them: Ethernet, tags, ARP, IPv4 and IPv6 with extension headers,
 * ICMP errors and echoes of both versions, neighbor discovery, TCP with options.
 */
export const target: FuzzTarget = {
  name: "wire",
  seeds: [
    octets(ethernet + ipv4 + synAck),
    octets("020000000001 020000000002 8100 0007 0800" + ipv4 + synAck),
    octets("020000000001 020000000002 88a8 0007 8100 0008 0800" + ipv4 + synAck),
    octets("ffffffffffff 020000000002 0806 0001 0800 06 04 0002 020000000002 c0000202 020000000001 c0000201"),
    octets(ethernet + "45000038 00000000 40010000 c6336401 c0000201 0301 0000 00000000" + quote),
    octets(ethernet + "47000044 12342000 40060000 c6336407 c0000201 0101010101010100" + synAck),
    octets(ethernet6 + "60000000 0028 06 40" + addresses6 + synAck),
    octets(ethernet6 + "60000000 0038 00 40" + addresses6 + "3c00010400000000 0600010400000000" + synAck),
    octets(ethernet6 + "60000000 0038 2b 40" + addresses6 + "2c00000000000000 0600000112345678" + synAck),
    octets(
      ethernet6 + "60000000 0040 33 40" + addresses6 + "0604000000000001 00000002 010203040506070800000000" +
        synAck,
    ),
    octets(ethernet6 + "60000000 0038 3a 40" + addresses6 + "0104 0000 00000000" + quote6),
    octets(ethernet6 + "60000000 0038 3a 40" + addresses6 + "0200 0000 00000500" + quote6),
    octets(ethernet6 + "60000000 000d 3a 40" + addresses6 + "8100 0000 00070009 70696e6721"),
    octets(
      ethernet6 + "60000000 0020 3a ff" + addresses6 + "8700 0000 00000000" + target6 + "0101 020000000002",
    ),
    octets(
      ethernet6 + "60000000 0028 3a ff" + addresses6 + "8800 0000 60000000" + target6 +
        "0e01 000000000000 0201 020000000002",
    ),
    octets("60000000 0028 06 40" + addresses6 + synAck),
    octets("0104 0000 00000000" + quote6),
    octets(ipv4 + synAck),
    octets(synAck),
    octets("0301 0000 00000000" + quote),
  ],
  // 32 + 9 an octet is the bound that zig/src/fuzz.zig states.
  run: (input) => runNative("margay_fuzz_wire", input, 32 + 9 * input.length),
};
