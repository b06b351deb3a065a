import { AlertDescription } from "./constants.ts";
import { Malformed } from "./malformed.ts";
import { alertLevelName, alertName } from "./names.ts";

/** One alert (RFC 5246, 7.2). */
export interface Alert {
  readonly level: "warning" | "fatal";
  /** The code, 0 to 255. */
  readonly description: number;
  /** The description's name, such as `handshake_failure`. */
  readonly name: string;
}

/** Reads alerts (RFC 5246, 7.2), which may lie over several records as a record may hold several. */
export class AlertReader {
  /** The last whole one, also a warning that the server then went on after. */
  last: Alert | undefined;

  #level: Alert["level"] | undefined;

  /** Takes the next octets of alert records; true at an alert after which no handshake goes on. */
  read(octets: Uint8Array): boolean | Malformed {
    for (const octet of octets) {
      if (this.#level === undefined) {
        const level = alertLevelName(octet);
        if (level !== "warning" && level !== "fatal") return new Malformed(`an alert of level ${level}`);
        this.#level = level;
        continue;
      }
      this.last = { level: this.#level, description: octet, name: alertName(octet) };
      this.#level = undefined;
      if (isLastWord(this.last)) return true;
    }
    return false;
  }
}

/** Other warnings do not end a handshake: unrecognized_name is often followed by a ServerHello. */
function isLastWord({ level, description }: Alert): boolean {
  return level === "fatal" || description === AlertDescription.CLOSE_NOTIFY ||
    description === AlertDescription.PROTOCOL_VERSION;
}
