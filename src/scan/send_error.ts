/** errno values of a link that went away (asm-generic/errno.h). */
const LINK_ERRORS: Readonly<Record<number, string>> = {
  6: "the interface is gone",
  19: "the interface is gone",
  100: "the interface went down",
};

/** What a person is told when the packet plane cannot send any more; `code` is errno. */
export function sendError(code: number): Error {
  return new Error(`Cannot send probes: ${LINK_ERRORS[code] ?? `the kernel refused them (errno ${code})`}`);
}
