import type { CaptureExchange, CaptureFindings } from "../capture.ts";
import type { Heard } from "./dialogue.ts";
import { StartTlsExchange } from "./start_tls.ts";

/** A capture behind a prelude: what was found is what the capture found, or why it never began. */
export class StartTlsCapture extends StartTlsExchange<CaptureExchange> implements CaptureExchange {
  get outcome(): CaptureFindings["outcome"] {
    return this.#findings.outcome;
  }

  get serverHello(): CaptureFindings["serverHello"] {
    return this.inner?.serverHello;
  }

  get encryptedExtensions(): CaptureFindings["encryptedExtensions"] {
    return this.inner?.encryptedExtensions;
  }

  get alpn(): CaptureFindings["alpn"] {
    return this.inner?.alpn;
  }

  get helloRetried(): CaptureFindings["helloRetried"] {
    return this.inner?.helloRetried;
  }

  get certificateRequested(): CaptureFindings["certificateRequested"] {
    return this.inner?.certificateRequested;
  }

  get cipherKinds(): CaptureFindings["cipherKinds"] {
    return this.inner?.cipherKinds;
  }

  get alert(): CaptureFindings["alert"] {
    return this.inner?.alert;
  }

  get chain(): CaptureFindings["chain"] {
    return this.#findings.chain;
  }

  get reason(): CaptureFindings["reason"] {
    return this.#findings.reason;
  }

  get prefix(): CaptureFindings["prefix"] {
    return this.#findings.prefix;
  }

  get earlyBytes(): number {
    return this.prelude.remainder.length;
  }

  get transcript(): readonly Heard[] {
    return this.prelude.transcript;
  }

  get #findings(): CaptureFindings {
    return this.inner ?? this.prelude.findings;
  }
}
