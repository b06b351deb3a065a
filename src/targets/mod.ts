/**
 * Targets: what was typed and read, less what must not be sent to, as the exact set of (address, port) to probe.
 *
 * @module
 */

export { formatAddress, formatEndpoint, ipv4ToAddress, isIpv4, parseAddress } from "./address.ts";
export { type AsDatabase, type AutonomousSystem, loadAsDatabase } from "./as_data/mod.ts";
export { type Exclusion } from "./exclusions.ts";
export { parseHostName } from "./host_name.ts";
export { formatInterval, fromCidr, type Interval, parsePrefix } from "./interval.ts";
export { IntervalSet, IPV4_ADDRESSES } from "./interval_set.ts";
export {
  type LoadedTargets,
  loadTargets,
  type NamedSpecialBlock,
  type TargetRequest,
  type TargetSources,
} from "./load.ts";
export { PairSetBuilder } from "./pair_set_builder.ts";
export { expandPorts, formatPorts, parsePortRange, parsePorts, type PortRange } from "./ports.ts";
export { type Family, type ResolveName, resolveName } from "./resolve.ts";
export { type ServerNames } from "./server_names.ts";
export { type ReadOctets, readOctets } from "./source.ts";
export { formatSpecialBlock, SPECIAL_PURPOSE_REGISTRIES_DATE, type SpecialBlock } from "./special_purpose.ts";
export { parseTarget, type Target } from "./target.ts";
export { TargetError } from "./target_error.ts";
export { TARGET_COUNT_MAX, TargetGroup, TargetSet, tooManyTargets } from "./target_set.ts";
