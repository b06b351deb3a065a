/**
 * The lab: network namespaces in which whole prefixes answer, with the truth about them and counters on the
 * wire that aren't margay's.
 *
 * A program calls {@link enterNamespace}, a test {@link runInLab}; inside, {@link withLab} brings a world of
 * real TLS servers up, and {@link withSimulation} a simulated Internet.
 *
 * @module
 */
export { type AddressClass, type AddressRule, certificateOf, classOf } from "./address_rule.ts";
export type { Counters } from "./counters.ts";
export { enterNamespace, isInsideNamespace, requireNamespaces, withCapabilities } from "./namespace.ts";
export { fetchChain } from "./plain_client.ts";
export { addressOfNumber, numberOfAddress, parsePrefix, type Prefix } from "./prefix.ts";
export { type Lab, type LabOptions, withLab } from "./real_servers.ts";
export { type ResponderCounters, WorldFileError, type WorldPrefix } from "./responder.ts";
export { type LabFunction, runInLab, spawnInLab } from "./run_in_lab.ts";
export { type Simulation, type SimulationCounters, withSimulation, type WorldSource } from "./simulation.ts";
export { requireTools } from "./tools.ts";
export {
  type Captured,
  compareWithTruth,
  type Comparison,
  type SimulatedTarget,
  type Truth,
  type TruthCertificate,
  type TruthTarget,
} from "./truth.ts";
export {
  addBins,
  averageRate,
  highestRate,
  shareAbove,
  WINDOW_MILLISECONDS,
  windowRates,
} from "./windows.ts";
export type { Wiretap, WiretapRecord } from "./wiretap.ts";
