import { basename } from "node:path";
import { followLog, OutputClosedError, StreamSink, type TornEnd } from "../observe/mod.ts";
import { printable } from "../text/mod.ts";
import { ExitCode } from "./exit_code.ts";
import type { LogCatOptions } from "./log_options.ts";
import { standardError } from "./terminal.ts";
import { plural } from "./units.ts";

const decoder = new TextDecoder();

/** `margay log cat`: the lines as they stand in the log, one log behind the other. */
export async function runLogCat({ folders, types }: LogCatOptions): Promise<number> {
  const wanted = types && new Set<string>(types);
  const sink = new StreamSink();
  try {
    for (const folder of folders) {
      for await (const { records, lines } of followLog(folder, { onTornEnd: warnOfTornEnd })) {
        const text = decoder.decode(lines).split("\n");
        records.forEach(({ type }, index) => {
          if (wanted?.has(type) ?? true) sink.append(text[index]!);
        });
        // One batch at a time: whoever reads slowly is waited for.
        await sink.flush();
      }
    }
  } catch (error) {
    // Whoever reads through `head` has seen enough.
    if (!(error instanceof OutputClosedError)) throw error;
  }
  return ExitCode.done;
}

function warnOfTornEnd({ path, octets }: TornEnd): void {
  const what = `${basename(path)} ends in ${plural(octets, "octet")} that never became a line; passed over`;
  standardError.write(`margay: ${printable(what)}\n`);
}
