/**
 * One budget over layer 4 and layer 7.
 *
 * @module
 */
export { Admission, type Applicant } from "./admission.ts";
export { type AdmissionKind, Governor, type Rates, Reservation, RESERVATION_BYTES } from "./governor.ts";
