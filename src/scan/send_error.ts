/** errno values of a link that went away (asm-generic/errno.h). */
const LINK_ERRORS: Readonly<Record<number, string>> = {
  6: "the interface is gone",
  19: "the interface is gone",
  100: "the interface went down",
};

/** Whether errno says that the interface is not there any more. */
export function isGone(code: number): boolean {
  return code === 6 || code === 19;
}

/** What a person is told when the packet plane cannot send any more; `code` is errno. */
export function sendError(code: number): Error {
  return new Error(`Cannot send probes: ${LINK_ERRORS[code] ?? `the kernel refused them (errno ${code})`}`);
}
