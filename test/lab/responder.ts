import { builtProgram } from "./built_program.ts";
import { IN_WORLD, WORLD_INTERFACE } from "./cable.ts";
import { eachLine } from "./lines.ts";

/** A world file that can't be used; its message says where and why. */
export class WorldFileError extends Error {
  override readonly name = "WorldFileError";
}

/** What a world file says, as far as those who bring it up must know. */
export interface WorldDescription {
  readonly seed: number;
  /** How many different certificate chains there are. */
  readonly chainCount: number;
  /** How many certificates a chain has, and the share of each number; together 1. */
  readonly chainLengths: readonly (readonly [length: number, share: number])[];
  readonly prefixes: readonly WorldPrefix[];
}

/** A prefix of a world. */
export interface WorldPrefix {
  /** `address/length`, IPv4 or IPv6. */
  readonly prefix: string;
  /** The tag that its frames carry (IEEE 802.1Q); 0 for none. */
  readonly vlan: number;
  /** Whether its hosts are the scanner's neighbours, in place of being behind the gateway. */
  readonly isOnLink: boolean;
  /** Of the path to it, in octets of IP packet. */
  readonly mtu: number;
}

/** Numbers by their names. */
type Counts<Name extends string = string> = Readonly<Record<Name, number>>;

/** What the responder counted, by the names that it has for it: `zig/lab/counters.zig` says what each is. */
export interface ResponderCounters extends
  Counts<
    | `${"frames" | "octets"}_${"received" | "sent"}`
    | "frames_missed"
    | "frames_unsent"
    | "neighbor_requests"
    | "outside"
    | "misdirected"
    | "malformed"
    | "checksum_wrong"
    | "oversized"
    | "undelayed"
    | `${"synchronize" | "reset"}_${"received" | "sent"}`
    | "finish_received"
    | "data_received"
    | "data_octets_received"
    | "other_received"
    | "unreachable_sent"
  > {
  /** What became of packets on the path to the hosts, and back. */
  readonly forward: Counts;
  readonly back: Counts;
  readonly connections: Counts;
  /** How many addresses got so many SYNs: `0` and what occurs; `255` stands for all from there on. */
  readonly synchronize_per_address: Counts;
}

/** The files that a world is made from. */
export interface WorldFiles {
  readonly world: string;
  readonly chains: string;
}

/** The exit status that says that what it was given is wrong. */
const BAD_WORLD = 2;
/** It ends at once when it is told to. */
const STOP_MILLISECONDS_MAX = 5000;

/**
 * Reads a world file.
 *
 * @throws {WorldFileError} when it can't be used.
 */
export async function describeWorld(path: string): Promise<WorldDescription> {
  const lines = await Array.fromAsync(answerLines(["describe", path]));
  const fields = JSON.parse(lines.join(""));
  return {
    seed: fields.seed,
    chainCount: fields.certificates,
    chainLengths: fields.chain_lengths,
    prefixes: fields.prefixes.map((
      { prefix, vlan, on_link: isOnLink, mtu }: {
        prefix: string;
        vlan: number;
        on_link: boolean;
        mtu: number;
      },
    ) => ({ prefix, vlan, isOnLink, mtu })),
  };
}

/**
 * The lines of the truth about a world: its chains, then its open ports.
 *
 * @param prefixes what to tell of; the whole world unless told.
 * @throws {WorldFileError} when a prefix isn't in the world, or is too large.
 */
export function truthLines(files: WorldFiles, prefixes: readonly string[]): AsyncGenerator<string> {
  return answerLines(["truth", files.world, files.chains, ...prefixes]);
}

/** A responder that plays a world. */
export class Responder {
  readonly #process: Deno.ChildProcess;
  readonly #commands: WritableStreamDefaultWriter<Uint8Array>;
  readonly #answers: AsyncGenerator<string>;
  readonly #complaints: Promise<string>;

  private constructor(process: Deno.ChildProcess) {
    this.#process = process;
    this.#commands = process.stdin.getWriter();
    this.#answers = eachLine(process.stdout);
    this.#complaints = new Response(process.stderr).text();
  }

  /**
   * Starts it at the world's end of the cable, and returns when it listens.
   *
   * @throws {Error} when it can't.
   */
  static async start(files: WorldFiles): Promise<Responder> {
    const run = [await builtProgram("responder"), "run", WORLD_INTERFACE, files.world, files.chains];
    const [command, ...args] = [...IN_WORLD, ...run] as [string, ...string[]];
    const process = new Deno.Command(command, {
      args,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
      // In a session of its own: a Ctrl-C is for what scans the world.
      detached: true,
    }).spawn();
    const responder = new Responder(process);
    if (await responder.#nextAnswer() !== "ready") throw await responder.#ended();
    return responder;
  }

  /** @throws {Error} when it has ended. */
  async readCounters(): Promise<ResponderCounters> {
    await this.#commands.write(new TextEncoder().encode("counters\n")).catch(() => {});
    const answer = await this.#nextAnswer();
    if (answer === undefined) throw await this.#ended();
    return JSON.parse(answer);
  }

  /** @throws {Error} when it ended otherwise than it should. */
  async stop(): Promise<void> {
    await this.#commands.close().catch(() => {});
    const timer = setTimeout(() => this.#process.kill("SIGKILL"), STOP_MILLISECONDS_MAX);
    const { success } = await this.#process.status;
    clearTimeout(timer);
    await this.#answers.return(undefined);
    if (!success) throw await this.#ended();
  }

  async #nextAnswer(): Promise<string | undefined> {
    const { done, value } = await this.#answers.next();
    return done ? undefined : value;
  }

  async #ended(): Promise<Error> {
    const { code, signal } = await this.#process.status;
    const reason = (await this.#complaints).trim() || `exit status ${code}${signal ? `, ${signal}` : ""}`;
    return new Error(`Cannot play the world: the responder has ended: ${reason}`);
  }
}

/** Runs the responder to its end; what it writes, line by line. */
async function* answerLines(args: readonly string[]): AsyncGenerator<string> {
  const process = new Deno.Command(await builtProgram("responder"), {
    args: [...args],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const complaints = new Response(process.stderr).text();
  yield* eachLine(process.stdout);
  const { code, success } = await process.status;
  if (success) return;
  const reason = (await complaints).trim();
  if (code === BAD_WORLD) throw new WorldFileError(reason);
  throw new Error(`Cannot ${args[0]} the world: the responder ended with exit status ${code}: ${reason}`);
}
