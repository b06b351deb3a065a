import { readFile, rm } from "node:fs/promises";
import { builtProgram } from "./built_program.ts";
import { nextLine } from "./lines.ts";

/**
 * What crossed the cable while a wiretap listened. "Sent" is what the scanner sent, seen where it arrives.
 */
export interface WiretapRecord {
  /** When the first bin begins, in milliseconds since the Unix epoch. */
  readonly startMilliseconds: number;
  /** Octets of Ethernet frames (no preamble, no checksum) in each millisecond since the start. */
  readonly binsSent: readonly number[];
  readonly binsReceived: readonly number[];
  readonly framesSent: number;
  readonly framesReceived: number;
  /** TCP segments with RST, whoever made them. */
  readonly resetsSent: number;
  readonly resetsReceived: number;
  /** Frames longer than 1514 octets, which a real network would have seen as several. */
  readonly oversized: number;
  /** Sent frames that are neither ARP nor IPv4, or not to the prefix. */
  readonly stray: number;
  /** Frames the wiretap missed; anything but 0 makes the other numbers lower bounds. */
  readonly drops: number;
}

/** A listening wiretap. */
export interface Wiretap {
  /** Ends it and returns what it saw. */
  stop(): Promise<WiretapRecord>;
}

/** Where to listen, and to what. */
export interface WiretapOptions {
  /** The command that enters the namespace of the interface; empty for this one. */
  readonly enter: readonly string[];
  readonly interface: string;
  /** IPv4 frames to elsewhere are stray, `a.b.c.d/n`; none are unless told. */
  readonly prefix?: string;
}

let wiretapCount = 0;

/**
 * Starts a wiretap and returns when it listens. It ends by itself after ten minutes.
 *
 * @throws {Error} when it isn't built or can't listen.
 */
export async function startWiretap(options: WiretapOptions): Promise<Wiretap> {
  const program = await builtProgram("wiretap");
  const output = `/run/wiretap-${++wiretapCount}.json`;
  const prefix = options.prefix === undefined ? [] : ["--prefix", options.prefix];
  const arguments_ = [options.interface, "until-SIGTERM", output, ...prefix];
  const [command, ...args] = [...options.enter, program, ...arguments_] as [string, ...string[]];
  const child = new Deno.Command(command, { args, stdin: "null", stdout: "piped", stderr: "inherit" })
    .spawn();
  if (await nextLine(child.stdout) !== "ready") {
    const { code } = await child.status;
    throw new Error(`Cannot listen on ${options.interface}: the wiretap ended with exit status ${code}`);
  }
  return {
    async stop() {
      child.kill("SIGTERM");
      const { code } = await child.status;
      if (code !== 0) throw new Error(`Cannot read the wiretap: it ended with exit status ${code}`);
      const record = parseRecord(await readFile(output, "utf8"));
      await rm(output);
      return record;
    },
  };
}

function parseRecord(text: string): WiretapRecord {
  const fields = JSON.parse(text);
  return {
    startMilliseconds: fields.start_ns / 1e6,
    binsSent: fields.bins_sent,
    binsReceived: fields.bins_received,
    framesSent: fields.frames_sent,
    framesReceived: fields.frames_received,
    resetsSent: fields.resets_sent,
    resetsReceived: fields.resets_received,
    oversized: fields.oversized,
    stray: fields.stray,
    drops: fields.drops,
  };
}
