/**
 * One run: its plan, its loop from targets to observations, and what it counts.
 *
 * @module
 */
export { MissingPrivilegeError, UsageError } from "./errors.ts";
export { inSendingOrder } from "./extent.ts";
export { askedTargets, type ScanOptions } from "./options.ts";
export { loggedCounters } from "./logged_counters.ts";
export { planSweep, type SweepPlan, thisMachine } from "./plan.ts";
export type { ScanCounters, ScanReport, TransportUse } from "./report.ts";
export { RunFold, type RunState } from "./run_state.ts";
export { Scan, type ScanOutcome, type ScanSetup, type TrustSetup } from "./scan.ts";
export { isVisitWhole } from "./server_name_choice.ts";
