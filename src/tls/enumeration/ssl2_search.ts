import { Version } from "../constants.ts";
import { freshRandom } from "../fresh_random.ts";
import type { Dialogue, Search, VersionRefusal, VersionSupport } from "./search.ts";
import { Ssl2Exchange } from "../ssl2.ts";

/** Octets that the answer may have: a record of SSL 2.0 at its longest, as it carries a certificate. */
const ANSWER_BYTES_MAX = 32_769;

/** Asks a server for the cipher kinds of SSL 2.0 that it accepts, which it names all at once. */
export class Ssl2Search implements Search {
  support: VersionSupport | undefined;
  refusal: VersionRefusal | undefined;
  isComplete = true;

  *run(): Dialogue<Ssl2Exchange, void> {
    const exchange = new Ssl2Exchange(freshRandom(), ANSWER_BYTES_MAX);
    const endedBy = yield exchange;
    const { outcome, cipherKinds, alert } = exchange;
    if (cipherKinds !== undefined) {
      // The client is to choose from the kinds that the server names.
      const preference = cipherKinds.length > 1 ? "client" : null;
      this.support = { version: Version.SSL_2_0, cipherSuites: cipherKinds, preference };
    } else if (outcome === "alert" || outcome === undefined && endedBy === "end") {
      this.refusal = { version: Version.SSL_2_0, ...(alert && { alert: alert.name }) };
    } else {
      this.isComplete = false;
    }
  }
}
