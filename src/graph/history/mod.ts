/**
 * What changed from run to run.
 *
 * @module
 */

export {
  type CertificateDifference,
  certificateDifferences,
  type Difference,
  type EndpointDifference,
  endpointDifferences,
} from "./difference.ts";
export {
  type EventCertificate,
  HISTORY_EVENT_TYPES,
  type HistoryEvent,
  type HistoryEventType,
} from "./event.ts";
export {
  CERTIFICATES_MAX,
  countChanges,
  history,
  type HistoryCounts,
  type HistoryOptions,
  noEvents,
} from "./history.ts";
export {
  askedDifferently,
  type OrderedRun,
  rankOfFirstRun,
  rankOfRun,
  readRunOrder,
  type RunOrder,
} from "./run_order.ts";
