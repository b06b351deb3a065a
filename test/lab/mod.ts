/**
 * The lab: network namespaces in which a whole prefix answers from real TLS servers, with the truth about it
 * and counters on the wire that aren't margay's.
 *
 * A program calls {@link enterNamespace}, a test {@link runInLab}; inside, {@link withLab} brings a world up.
 *
 * @module
 */
export { type AddressClass, type AddressRule, certificateOf, classOf } from "./address_rule.ts";
export type { Counters } from "./counters.ts";
export { enterNamespace, isInsideNamespace, requireNamespaces, withCapabilities } from "./namespace.ts";
export { fetchChain } from "./plain_client.ts";
export { addressOfNumber, numberOfAddress, parsePrefix, type Prefix } from "./prefix.ts";
export { type LabFunction, runInLab, spawnInLab } from "./run_in_lab.ts";
export { requireTools } from "./tools.ts";
export {
  type Captured,
  compareWithTruth,
  type Comparison,
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
export { type Wiretap, wiretapPath, type WiretapRecord } from "./wiretap.ts";
export { type Lab, type LabOptions, withLab } from "./world.ts";
