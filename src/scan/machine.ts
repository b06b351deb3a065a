import {
  type Interface,
  interfaces,
  type LocalAddress,
  localAddresses,
  type Route,
  routes,
  type Rule,
  rules,
} from "../../ffi/mod.ts";
import { hasRawSockets } from "./privilege.ts";

/** What a plan needs to know of the machine. */
export interface Machine {
  readonly interfaces: readonly Interface[];
  readonly localAddresses: readonly LocalAddress[];
  /** Of all tables. */
  readonly routes: readonly Route[];
  /** Each family's in the order in which the kernel asks them. */
  readonly rules: readonly Rule[];
  readonly hasRawSockets: boolean;
}

/** Asks the kernel. */
export function thisMachine(): Machine {
  return {
    interfaces: interfaces(),
    localAddresses: localAddresses(),
    routes: routes(),
    rules: rules(),
    hasRawSockets: hasRawSockets(),
  };
}
