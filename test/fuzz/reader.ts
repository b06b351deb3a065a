import { runNative } from "./native.ts";
import { octets } from "./octets.ts";
import type { FuzzTarget } from "./target.ts";

/** What stands before a frame: which link brought it to which reader (zig/src/receive_fuzz.zig). */
const PLAIN = 0x00;
const TAGGED = 0x01;
const BARE = 0x02;
const OTHER_READER = 0x04;
const TAG_TAKEN_OUT = 0x08;
const TAKE_EVENTS = 0x10;

/** What becomes of a target that answers: the first octet of an input. */
const HAND_OVER = 0;
const RESET = 1;
const LEAVE = 2;

function input(manner: number, ...frames: [instruction: number, frame: string][]): Uint8Array {
  const parts = frames.map(([instruction, text]) => {
    const frame = octets(text);
    return [instruction, frame.length >> 8, frame.length & 0xff, ...frame];
  });
  return Uint8Array.from([manner, ...parts.flat()]);
}

const ethernet = "020000000001 0200000000fe 0800";
const ethernet6 = "020000000001 0200000000fe 86dd";
const options = "020405b4 0402 080a 01020304 05060708 01 030307";

// The readers' key and addresses are fixed (zig/src/receive_stage.zig), and so are the cookies that these repeat.
const synAck = "4500003c 12344000 3906434c c6336407 c0000201" +
  "01bb8099 90000000 2a97c083 a012fe88 4fa70000" + options;
const reset = "45000028 12344000 39064360 c6336407 c0000201" +
  "01bb8099 00000000 2a97c083 50140000 00000000";
const quote = "4500003c 00004000 40064e80 c0000201 c6336407 809901bb 2a97c082";
const unreachable = "45000038 43210000 fb010000 c6120001 c0000201 0301 0000 00000000" + quote;
const late = "45000030 12344000 39064358 c6336407 c0000201" +
  "01bb8099 90000001 2a97c083 5018fe88 00000000 32323020 6f6b0d0a";

const addresses6 = "20010db8000100000000000000000007 20010db8000000000000000000000002";
const back6 = "20010db8000000000000000000000002 20010db8000100000000000000000007";
const segment6 = "01bb807e 90000000 8e142c2d a012fe88 115c0000" + options;
const synAck6 = "60000000 0028 06 39" + addresses6 + segment6;
const extended6 = "60000000 0048 00 39" + addresses6 +
  "2b00010400000000 2c00000000000000 3c00000011223344 0600010400000000" + segment6;
const unreachable6 = "60000000 0038 3a fb" + addresses6 +
  "0100 0000 00000000 60000000 0014 06 40" + back6 + "807e01bb 8e142c2c";

const tagged = "020000000001 0200000000fe 8100 0064 0800 4500003c 00004000 3906c9b2 cb007107 cb007101" +
  "01bb800e 90000000 c9bebfd3 a012fe88 25ed0000" + options;
const untagged = tagged.replace("8100 0064 ", "");
const bare = "4500003c 00004000 39062db5 0a000007 0a000001" +
  "01bb8081 90000000 2db057e8 a012fe88 8d760000" + options;
const neighbor = ethernet + "4500003c 00004000 3906bd37 c0000282 c0000202" +
  "01bb80b3 90000000 a1743a8e a012fe88 c65c0000" + options;

const arp = "020000000001 020000000009 0806 0001 0800 06 04";
const arpAnswer = arp + "0002 020000000009 c0000282 020000000001 c0000201";
const arpQuestion = arp + "0001 020000000009 c0000282 000000000000 c0000202";

/**
 * Frames to readers of replies, and what these make of them: nothing is reported that does not repeat a probe's cookie,
 * nothing twice, and no target falls back from an answer.
 */
export const target: FuzzTarget = {
  name: "reader",
  seeds: [
    input(LEAVE, [PLAIN, ethernet + synAck], [PLAIN | OTHER_READER, ethernet + synAck]),
    input(LEAVE, [PLAIN, ethernet + unreachable], [PLAIN | TAKE_EVENTS, ethernet + reset]),
    input(LEAVE, [PLAIN, ethernet6 + unreachable6], [OTHER_READER, ethernet6 + extended6]),
    input(HAND_OVER, [PLAIN, ethernet + synAck], [PLAIN, ethernet6 + synAck6], [PLAIN, ethernet + late]),
    input(RESET, [PLAIN, ethernet + synAck], [PLAIN, ethernet + synAck], [PLAIN, ethernet + late]),
    input(RESET, [TAGGED, tagged], [TAGGED | TAG_TAKEN_OUT, untagged], [BARE, bare]),
    input(RESET, [PLAIN, arpAnswer], [PLAIN, neighbor], [PLAIN, arpQuestion]),
  ],
  // Three octets stand before each frame, and a frame is at most one event: zig/src/receive_fuzz.zig.
  run: (input) => runNative("margay_fuzz_reader", input, 2 * Math.floor(input.length / 3)),
};
