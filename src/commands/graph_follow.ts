import { lowerPriority } from "../../ffi/mod.ts";
import { followRun } from "../graph/builder/mod.ts";
import { countChanges } from "../graph/history/mod.ts";
import { writeOctetsSync } from "../text/mod.ts";
import { ExitCode } from "./exit_code.ts";
import { loadSystems } from "./load_systems.ts";
import { warn } from "./terminal.ts";

/**
 * `margay graph build --follow`: the builder that a scan starts. The scan holds standard input, whose end says that it
 * is gone, however it ended. Ctrl-C, which a terminal sends to both, is for the scan; SIGTERM ends the builder between
 * two transactions, and another one goes on from there.
 */
export async function followToGraph(
  run: string,
  graphPath: string,
  asDatabase: string | undefined,
): Promise<number> {
  const stopped = new AbortController();
  const stop = () => stopped.abort();
  const ignore = () => {};
  Deno.addSignalListener("SIGINT", ignore);
  Deno.addSignalListener("SIGTERM", stop);
  try {
    await followRun(run, graphPath, {
      writerGone: endOfStandardInput(),
      signal: stopped.signal,
      findSystems: await loadSystems(asDatabase, warn),
      onGraph: (waiting) => {
        tell({ waiting, records: 0 });
        // Not before: a scan waits for this word before it sends anything.
        lowerPriority();
      },
      onProgress: ({ position, records }) => tell({ ...position, records }),
      onFolded: ({ database }, { run }) => {
        if (run !== undefined) tell({ history: countChanges(database, run) });
      },
    });
    return ExitCode.done;
  } finally {
    Deno.removeSignalListener("SIGINT", ignore);
    Deno.removeSignalListener("SIGTERM", stop);
  }
}

/** Aborts when nobody holds the other end of standard input any more. */
function endOfStandardInput(): AbortSignal {
  const ended = new AbortController();
  const drain = async () => {
    const octets = new Uint8Array(1024);
    while (await Deno.stdin.read(octets) !== null);
  };
  drain().catch(() => {}).finally(() => ended.abort());
  return ended.signal;
}

const encoder = new TextEncoder();

/** One line of JSON. A scan that no longer reads it is none of the builder's business. */
function tell(fact: object): void {
  try {
    writeOctetsSync(Deno.stdout, encoder.encode(`${JSON.stringify(fact)}\n`));
  } catch {
    // The next one fails too, and costs nothing.
  }
}
