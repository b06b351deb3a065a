/**
 * One run: its plan, its loop from targets to observations, and what it counts.
 *
 * @module
 */
export { MissingPrivilegeError, UsageError } from "./errors.ts";
export { inSendingOrder } from "./extent.ts";
export { askedTargets, type ScanOptions } from "./options.ts";
export { planSweep, type SweepPlan, thisMachine } from "./plan.ts";
export type { ScanCounters, ScanReport, TransportUse } from "./report.ts";
export { Scan, type ScanOutcome, type ScanSetup, type TrustSetup } from "./scan.ts";
