/**
 * What the kernel's TCP puts on the wire, as far as it can be known from outside. Sizes are octets of Ethernet frames
 * over IPv4 with timestamps; acknowledgments without data are counted one for two segments, as Linux sends them.
 *
 * @module
 */

/** A SYN or SYN-ACK with the options Linux offers: 14 + 20 + 40. */
export const SYN_FRAME_BYTES = 74;

/** A segment without data: 14 + 20 + 32. */
export const EMPTY_FRAME_BYTES = 66;

const SEGMENT_PAYLOAD_BYTES = 1_448;

/** The frames that carry `payload` octets one way. */
export function dataFrameBytes(payload: number): number {
  return payload + Math.ceil(payload / SEGMENT_PAYLOAD_BYTES) * EMPTY_FRAME_BYTES;
}

/** The acknowledgments that `payload` octets draw from their receiver. */
export function acknowledgmentFrameBytes(payload: number): number {
  return Math.ceil(payload / (2 * SEGMENT_PAYLOAD_BYTES)) * EMPTY_FRAME_BYTES;
}
