/** A way of scanning was insisted on that this process may not use. */
export class MissingPrivilegeError extends Error {
  override readonly name = "MissingPrivilegeError";
}

/** An option names something that this machine does not have. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
