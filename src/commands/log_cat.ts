import { basename } from "node:path";
import { followLog, StreamSink, type TornEnd } from "../observe/mod.ts";
import { ExitCode } from "./exit_code.ts";
import { hasReaderLeft } from "./has_reader_left.ts";
import type { LogCatOptions } from "./log_options.ts";
import { tornText } from "./log_state.ts";
import { warn } from "./terminal.ts";

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
    if (!hasReaderLeft(error)) throw error;
  }
  return ExitCode.done;
}

function warnOfTornEnd({ path, octets }: TornEnd): void {
  warn(`${tornText(basename(path), octets)}; passed over`);
}
