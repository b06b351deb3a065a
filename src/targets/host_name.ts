import { TargetError } from "./target_error.ts";

const NAME_LENGTH_MAX = 253;
/** RFC 1123, 2.1; underscores are not in it, but are in real names. */
const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;
/**
 * RFC 1123, 2.1: the last label is never numeric. Resolvers take `127.1` and `0x7f000001` for old spellings of
 * addresses, so such a name must not get as far as one.
 */
const NUMERIC_LABEL = /^(?:\d+|0x[0-9a-f]*)$/;

/**
 * Checks a host name and returns it in lower case without a final dot, as a server name is sent (RFC 6066, 3).
 *
 * @throws {TargetError} with the reason alone.
 */
export function parseHostName(text: string): string {
  const name = text.toLowerCase().replace(/\.$/, "");
  // deno-lint-ignore no-control-regex
  if (/[^\x00-\x7f]/.test(name)) {
    throw new TargetError(`"${text}" is not in ASCII; write the name in its xn-- form`);
  }
  const labels = name.split(".");
  if (name.length > NAME_LENGTH_MAX || !labels.every((label) => LABEL.test(label))) {
    throw new TargetError(`"${text}" is no host name`);
  }
  if (NUMERIC_LABEL.test(labels.at(-1)!)) {
    throw new TargetError(
      `"${text}" is no IPv4 address (four numbers from 0 to 255, without leading zeros) and no host name`,
    );
  }
  return name;
}
