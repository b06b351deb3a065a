/**
 * The packet plane as the rest of the program sees it: the only place that knows the library's ABI.
 *
 * @module
 */
export { Bucket } from "./bucket.ts";
export { NativeError, type StatusName } from "./error.ts";
export * from "./network.ts";
export { lowerPriority } from "./priority.ts";
export type { PlaneHop, PlaneRoute } from "./hops.ts";
export {
  type EndReasonName,
  type HandshakeName,
  HostFacts,
  Plane,
  type PlaneConfig,
  type PlaneEvents,
} from "./plane.ts";
export { PlaneReply } from "./reply.ts";
export {
  Control,
  NO_PROGRESS,
  type SendMethod,
  type SweepStateName,
  type WalkProgress,
} from "./shared_memory.ts";
export { type Order, type TargetGroup, walk, walkInSteps, wholeOrder } from "./targets.ts";
export { openTls13Record, TLS13_SECRET_BYTES, type Tls13Keys, tls13Keys, tls13PublicShare } from "./tls13.ts";
