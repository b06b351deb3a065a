import { ZgrabFormat, type ZgrabHttp } from "../results/zgrab2/mod.ts";
import type { SessionResult } from "../tls/session/mod.ts";
import type { Finding, Recorder } from "./finding.ts";
import { httpRequest } from "./http_request.ts";

/** Writes findings as ZGrab2 would, a line for each server name of each host. */
export class ZgrabRecorder implements Recorder {
  readonly #write: (line: string) => void;
  readonly #httpPath: string | undefined;
  readonly #format = new ZgrabFormat();

  /** `httpPath` is what sessions ask for, if they do. */
  constructor(write: (line: string) => void, httpPath: string | undefined) {
    this.#write = write;
    this.#httpPath = httpPath;
  }

  // ZGrab2 knows none of these.
  verified(): void {}
  fingerprinted(): void {}
  enumerated(): void {}

  // One line tells everything, when it is all there.
  captured(): void {}
  talked(): void {}

  finished(finding: Finding, session: SessionResult | undefined): void {
    const { address, port, serverName, telling, certificates, starttls, verification } = finding;
    this.#write(this.#format.record({
      address,
      port,
      serverName,
      timeMs: Date.now(),
      capture: telling.result,
      certificates,
      starttls: starttls && { protocol: starttls, transcript: telling.result.transcript ?? [] },
      verification: verification && {
        isTrusted: verification.verdict === "trusted",
        reason: verification.reason,
      },
      http: this.#http(finding, session),
    }));
  }

  #http(finding: Finding, session: SessionResult | undefined): ZgrabHttp | undefined {
    const request = this.#httpPath === undefined ? undefined : httpRequest(this.#httpPath, finding);
    if (request === undefined || session === undefined) return undefined;
    const error = session.http === undefined ? session.reason ?? session.outcome : undefined;
    return { request, answer: session.http, error };
  }
}
