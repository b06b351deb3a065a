/**
 * Claim: the responder serves more TLS captures than the real servers of the lab, on the same CPU: a prefix that it
 * plays can be scanned faster.
 *
 * Peer: `withLab`, that is rustls in Deno over the kernel's TCP, with one certificate for the whole prefix. It makes a
 * signature for each flight, which the responder doesn't: nobody who leaves at the certificate checks it.
 *
 * Method: `load tls` does captures by frames past the kernel of its own side: SYN, SYN-ACK, a ClientHello that offers
 * TLS 1.2, the whole flight up to ServerHelloDone, RST. Only flights whose Certificate message agrees with itself
 * count. Each world has as many of them under way as it does best with: more make the real servers lose some, fewer
 * leave the responder waiting for the rings, which hand frames over every two milliseconds. Load and world have a
 * CPU each; what a veth has the sender's CPU receive is the load's in both worlds. `*_per_cpu_second` is for each
 * second of CPU that the world's process uses. `chains` is the responder with 512 chains of one to five
 * certificates, of the sizes that the public web has.
 *
 * @module
 */
import { WORLD_INTERFACE } from "../test/lab/cable.ts";
import { runInLab, withLab, withSimulation } from "../test/lab/mod.ts";
import type { Bench, Measurement } from "./bench.ts";
import { interleave, medianOf } from "./interleave.ts";
import {
  hardwareAddressOfWorld,
  introduceLoad,
  measureWorld,
  pin,
  processOf,
  WORLD_CPU,
  type WorldRate,
} from "./world_load.ts";

export const responderTls: Bench = {
  name: "responder_tls",
  sentence:
    "TLS 1.2 captures that the simulated Internet serves on one CPU, beside the lab's rustls servers.",
  unit: "exchanges/s",
  programs: [],
  rounds: 3,
  run: (rounds) =>
    runInLab<Measurement>({ module: import.meta.url, name: "measureTlsWorlds", argument: rounds }),
};

const prefix = "10.50.0.0/16";
const port = 443;
const responderWindow = 2048;
const serversWindow = 512;
const hosts = `
prefix ${prefix}
port ${port} tls
tls-version 1.2
`;
/** As the peer has it: one leaf, which is all that it sends. */
const leafWorld = `certificates 1\nchain-length 1\n${hosts}`;

/** Runs inside the lab's namespaces. */
export async function measureTlsWorlds(rounds: number): Promise<Measurement> {
  const samples = await interleave(rounds, {
    ours: () => measureResponder(leafWorld),
    peer: measureServers,
    chains: () => measureResponder(hosts),
  });
  return {
    ours: medianOf(samples.ours, "perSecond"),
    peer: medianOf(samples.peer, "perSecond"),
    extra: {
      ours_per_cpu_second: medianOf(samples.ours, "perCpuSecond"),
      peer_per_cpu_second: medianOf(samples.peer, "perCpuSecond"),
      ours_lost: medianOf(samples.ours, "lost"),
      peer_lost: medianOf(samples.peer, "lost"),
      ours_octets: medianOf(samples.ours, "octetsEach"),
      peer_octets: medianOf(samples.peer, "octetsEach"),
      chains: medianOf(samples.chains, "perSecond"),
      chains_octets: medianOf(samples.chains, "octetsEach"),
      chains_lost: medianOf(samples.chains, "lost"),
    },
  };
}

function measureResponder(text: string): Promise<WorldRate> {
  return withSimulation({ world: { text } }, async (internet) => {
    const responder = processOf("/responder");
    await pin(responder, WORLD_CPU);
    return await measureWorld(
      { ...internet, purpose: "tls", prefix, port, window: responderWindow },
      responder,
    );
  });
}

function measureServers(): Promise<WorldRate> {
  const options = { prefix, port, livePercent: 100, silentPercent: 0, certificateCount: 1 };
  return withLab(options, async (lab) => {
    const servers = processOf("/serve.ts");
    await pin(servers, WORLD_CPU);
    await introduceLoad(lab.sourceAddress, WORLD_INTERFACE);
    const gatewayHardwareAddress = await hardwareAddressOfWorld(WORLD_INTERFACE);
    return await measureWorld(
      { ...lab, gatewayHardwareAddress, purpose: "tls", window: serversWindow },
      servers,
    );
  });
}
