import { parseHostName, TargetError } from "../targets/mod.ts";
import {
  type Attempt,
  type CaptureExchange,
  captureExchange,
  type CaptureResult,
  captureResult,
  Enumeration,
  type Exchange,
  freshRandom,
  JARM_NONE,
  jarmHash,
  jarmProbes,
  nextOffer,
  type Offer,
  StartTlsCapture,
  StartTlsExchange,
  starttlsOf,
  type StartTlsProtocol,
  type StartTlsServer,
  tellingAttempt,
} from "../tls/mod.ts";
import type { SessionResult } from "../tls/session/mod.ts";
import type { Traffic } from "../transport/mod.ts";
import type { ChainVerifier } from "../x509/verify/mod.ts";
import type { CaptureTally } from "./capture_tally.ts";
import type { Attempted, Finding, Recorder } from "./finding.ts";
import type { HostConnections } from "./host_connections.ts";
import type { LaneHost } from "./lane.ts";
import type { AskOptions } from "./options.ts";
import { chooseNames, type NameChoice, type ReverseLookup } from "./server_name_choice.ts";

/** How long an enumeration may take, in capture timeouts: hundreds of slow answers must not hold up a scan. */
const ENUMERATION_TIMEOUTS = 6;

/** Holds a whole handshake with a host, for its verdict and what lies behind it. */
export type HoldSession = (finding: Finding) => Promise<SessionResult | undefined>;

/** What all visits of a run share. */
export interface VisitSetup {
  readonly options: AskOptions;
  readonly recorder: Recorder;
  readonly tally: CaptureTally;
  /** Where chains are to be verified. */
  readonly verifier: ChainVerifier | undefined;
  /** Finds the host name of an address, where that is asked for. */
  readonly lookUp: ReverseLookup;
  /** Where sessions are to be held. */
  readonly holdSession: HoldSession | undefined;
}

/** One verified host to be visited. */
export interface VisitedHost {
  readonly found: LaneHost;
  readonly transport: Finding["transport"];
  /** Those given with the target. */
  readonly serverNames: readonly (string | undefined)[];
  readonly connections: HostConnections;
}

/**
 * Asks one verified host everything that the run wants to know of it, one connection after another, and records what
 * comes of it. Resolves when the host is left, also when this side breaks off.
 */
export function visit(setup: VisitSetup, visited: VisitedHost): Promise<void> {
  const { serverNames, found: { host } } = visited;
  const choice = chooseNames(serverNames, setup.options.serverName, host.address, setup.lookUp);
  // Most hosts are asked under one name or none, by the million.
  if (choice.names.length === 1 && choice.resolved === undefined) {
    return new NamedVisit(setup, visited, choice.names[0]).run();
  }
  return visitUnderEach(choice, setup, visited);
}

async function visitUnderEach(
  { names, resolved }: NameChoice,
  setup: VisitSetup,
  visited: VisitedHost,
): Promise<void> {
  const { connections } = visited;
  for (const name of names) {
    if (!connections.isAbandoned) await new NamedVisit(setup, visited, name).run();
  }
  const found = await resolved;
  const name = found === undefined ? undefined : hostNameIn(found);
  if (name === undefined || connections.isAbandoned) return;
  await new NamedVisit(setup, visited, name).run();
}

/** What an address resolves to is a stranger's text; undefined where it is no host name. */
function hostNameIn(text: string): string | undefined {
  try {
    return parseHostName(text);
  } catch (error) {
    if (error instanceof TargetError) return undefined;
    throw error;
  }
}

/** A visit under one server name. */
class NamedVisit {
  readonly #setup: VisitSetup;
  readonly #visited: VisitedHost;
  readonly #serverName: string | undefined;
  readonly #starttls: StartTlsProtocol | undefined;

  constructor(setup: VisitSetup, visited: VisitedHost, serverName: string | undefined) {
    this.#setup = setup;
    this.#visited = visited;
    this.#serverName = serverName;
    const { starttls } = setup.options;
    this.#starttls = starttls === "auto" ? starttlsOf(visited.found.host.port) : starttls;
  }

  /** Hello by hello, until one gets the chain or nothing more can be learnt; then whatever else is wanted. */
  async run(): Promise<void> {
    const { options } = this.#setup;
    const startedAt = performance.now();
    const attempts: (Attempt & Attempted)[] = [];
    // Behind another protocol there is none left to choose.
    const alpn = this.#starttls === undefined;
    let offer = nextOffer(options.tls, attempts, alpn);
    while (offer !== undefined) {
      const exchange = this.#exchangeFor(offer);
      const result = captureResult(exchange, await this.#visited.connections.converse(exchange));
      attempts.push({
        kind: offer.kind,
        alpn: offer.alpn,
        outcome: result.outcome,
        alert: result.alert?.description,
        hasAnswered: result.serverHello !== undefined,
        result,
      });
      offer = nextOffer(options.tls, attempts, alpn);
    }
    const durationMs = performance.now() - startedAt;
    const telling = tellingAttempt(attempts);
    const verification = this.#setup.verifier && await this.#verify(telling.result, this.#setup.verifier);
    return this.#goOn(this.#findingOf(attempts, telling, durationMs, verification));
  }

  #findingOf(
    attempts: readonly Attempted[],
    telling: Attempted,
    durationMs: number,
    verification: Finding["verification"],
  ): Finding {
    const { found: { host }, transport } = this.#visited;
    const { outcome, chain } = telling.result;
    return {
      address: host.address,
      port: host.port,
      transport,
      serverName: this.#serverName,
      starttls: this.#starttls,
      attempts,
      telling,
      // Not before it is recorded: in front of that, another capture must not count on what it brings first.
      certificates: this.#setup.tally.countCapture(outcome, chain),
      traffic: sumOf(attempts),
      durationMs,
      verification,
    };
  }

  /** Records a finding, and asks what else is wanted: of most hosts nothing, which needs no promise. */
  #goOn(finding: Finding): Promise<void> | undefined {
    const { options: { jarm, enumerate }, recorder, holdSession } = this.#setup;
    recorder.captured(finding);
    if (jarm || enumerate || holdSession) return this.#askMore(finding);
    recorder.finished(finding, undefined);
  }

  async #askMore(finding: Finding): Promise<void> {
    const { options, recorder, holdSession } = this.#setup;
    const { outcome, serverHello, alert, cipherKinds } = finding.telling.result;
    const speaksTls = serverHello !== undefined || alert !== undefined || cipherKinds !== undefined;
    // Some servers only answer hellos that are not ours.
    if (options.jarm && outcome !== "not_tls") await this.#fingerprint(finding);
    if (options.enumerate && speaksTls) await this.#enumerate(finding);
    recorder.finished(finding, holdSession && await this.#talk(finding, holdSession));
  }

  #exchangeFor(offer: Offer): CaptureExchange {
    const capture = () =>
      captureExchange(offer.kind, {
        random: freshRandom(),
        serverName: this.#serverName,
        alpn: offer.alpn,
        bytesMax: this.#setup.options.captureBytes,
      });
    return this.#starttls === undefined
      ? capture()
      : new StartTlsCapture(this.#starttls, capture, this.#server);
  }

  async #verify({ chain }: CaptureResult, verifier: ChainVerifier): Promise<Finding["verification"]> {
    if (chain.length === 0) return undefined;
    const { address } = this.#visited.found.host;
    const verification = await verifier.verify(chain, {
      address,
      ...(this.#serverName === undefined ? {} : { serverName: this.#serverName }),
    });
    this.#setup.tally.countVerification(verification.verdict);
    return verification;
  }

  async #fingerprint(finding: Finding): Promise<void> {
    const { connections } = this.#visited;
    const probes = jarmProbes(finding.serverName ?? finding.address);
    for (const probe of probes) {
      const { reason } = await connections.converse(probe);
      if (connections.isAbandoned) return;
      if (reason === "timeout") return this.#setup.recorder.fingerprinted(finding, JARM_NONE);
    }
    this.#setup.recorder.fingerprinted(finding, jarmHash(probes));
  }

  async #enumerate(finding: Finding): Promise<void> {
    const { connections } = this.#visited;
    const { options, recorder } = this.#setup;
    const endsAt = performance.now() + ENUMERATION_TIMEOUTS * options.captureTimeoutSeconds * 1000;
    const enumeration = new Enumeration(this.#serverName);
    for (let probe = enumeration.next(); probe !== undefined; probe = enumeration.next()) {
      if (connections.isAbandoned || performance.now() > endsAt) break;
      const sent = probe;
      const { reason } = await connections.converse(this.#behindStartTls(sent));
      if (!connections.isAbandoned) enumeration.take(reason);
    }
    // What is not finished says so.
    recorder.enumerated(finding, enumeration.result());
  }

  async #talk(finding: Finding, holdSession: HoldSession): Promise<SessionResult | undefined> {
    const { recorder, tally } = this.#setup;
    const { outcome, serverHello } = finding.telling.result;
    const speaksTls = serverHello !== undefined || outcome === "pq_only" || outcome === "tls13_only";
    if (!speaksTls || this.#visited.connections.isAbandoned) return undefined;
    const startedAt = performance.now();
    const session = await holdSession(finding);
    if (session === undefined) return undefined;
    tally.countSession(session.outcome);
    recorder.talked(finding, session, performance.now() - startedAt);
    return session;
  }

  /** The exchange behind the protocol that leads to TLS, if there is one. */
  #behindStartTls(exchange: Exchange): Exchange {
    return this.#starttls === undefined
      ? exchange
      : new StartTlsExchange(this.#starttls, () => exchange, this.#server);
  }

  get #server(): StartTlsServer {
    const { address, port } = this.#visited.found.host;
    return { address, port, serverName: this.#serverName };
  }
}

function sumOf(attempts: readonly Attempted[]): Traffic {
  let bytesSent = 0;
  let bytesReceived = 0;
  for (const { result: { traffic } } of attempts) {
    bytesSent += traffic.bytesSent;
    bytesReceived += traffic.bytesReceived;
  }
  return { bytesSent, bytesReceived };
}
