import { history, type HistoryOptions, readRunOrder } from "../../../../src/graph/history/mod.ts";
import { GraphRows, hexadecimal } from "../graph_rows.ts";

type CertificateRow = Parameters<GraphRows["certificate"]>[1];

/** What a certificate is, beside its name; `domain.example` is what it is for unless told. */
export type Certificates = Readonly<Record<string, Partial<Omit<CertificateRow, "runs">>>>;

/** What addresses (`192.0.2.1`, `192.0.2.1 8443`, `192.0.2.1/name`) showed in a run: names of certificates. */
export interface Served {
  readonly [endpoint: string]: string;
}

/** How a run was, where that matters. */
interface RunShape {
  readonly ended?: boolean;
  readonly outcome?: string;
  readonly config?: Readonly<Record<string, unknown>>;
}

/** The name of the run number `number`, from 1: one a day. */
export function runName(number: number): string {
  const day = new Date(Date.UTC(2026, 0, number)).toISOString().slice(0, 10).replaceAll("-", "");
  return `${day}T000000Z-00000001`;
}

/** A graph of what was served in each run. A certificate that is not described has everything of its own but its CA. */
export function graphOf(
  runs: readonly Served[],
  certificates: Certificates = {},
  shapes: Readonly<Record<number, RunShape>> = {},
): GraphRows {
  const rows = new GraphRows();
  rows.database.exec("BEGIN");
  runs.forEach((_, index) => rows.run(runName(index + 1), shapes[index + 1]));
  const sights = runs.flatMap((served, index) =>
    Object.entries(served).flatMap(([endpoint, shown]) => {
      const [, address, port, serverName] = /^([^ /]+)(?: (\d+))?(?:\/(.+))?$/.exec(endpoint)!;
      const asked = { port: Number(port ?? 443), ...(serverName === undefined ? {} : { serverName }) };
      return shown.split(" ").map((certificate) => {
        return { address: address!, certificate, run: runName(index + 1), ...asked };
      });
    })
  );
  const runsOf = (matching: (sight: (typeof sights)[number]) => boolean) => {
    return [...new Set(sights.filter(matching).map(({ run }) => run))];
  };
  for (const address of new Set(sights.map(({ address }) => address))) {
    rows.address(address, { runs: runsOf((sight) => sight.address === address) });
  }
  for (const { address, certificate, run, ...asked } of sights) {
    rows.serves(address, [certificate], { runs: [run], ...asked });
  }
  for (const name of new Set(sights.map(({ certificate }) => certificate))) {
    const row = { domains: ["domain.example"], ...certificates[name] };
    rows.certificate(name, { ...row, runs: runsOf(({ certificate }) => certificate === name) });
    names.set(hexadecimal(name), name);
  }
  rows.database.exec("COMMIT");
  return rows;
}

/** Names by fingerprint. */
const names = new Map<string, string>();

/** History in short: `domain.example: CertRotation a -> b, 1 -> 2, on 192.0.2.1`. */
export function told({ database }: GraphRows, options: HistoryOptions = {}): string[] {
  const runs = readRunOrder(database);
  const number = (name: string) => runs.findIndex((run) => run.name === name) + 1;
  return [...history(database, runs, options)].map((event) => {
    const pair = `${names.get(event.from.fingerprint)} -> ${names.get(event.to.fingerprint)}`;
    const moved = event.moved_from === null ? "" : ` from ${event.moved_from.join(" ")}`;
    const more = event.address_count > event.addresses.length ? ` of ${event.address_count}` : "";
    return `${event.domain}: ${event.type} ${pair}, ${number(event.from_run)} -> ${number(event.to_run)}, ` +
      `on ${event.addresses.join(" ")}${more}${moved}${event.provisional ? ", provisional" : ""}`;
  });
}
