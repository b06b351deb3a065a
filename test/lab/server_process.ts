/**
 * A server of somebody else's as a process of a test: its files, its start, its end.
 *
 * @module
 */
import { join } from "node:path";
import { toPem } from "./certificates.ts";
import { runTool, toolFolders } from "./tools.ts";

/** What a server shows: certificates in DER, leaf first, and the leaf's key as PKCS #8 DER. */
export interface Credentials {
  readonly chain: readonly Uint8Array[];
  readonly privateKey: Uint8Array;
}

/** Where a server listens. */
export interface ServerAddress {
  /** IPv4. */
  readonly address: string;
  readonly port: number;
  /** The command that enters the namespace it runs in; the caller's own unless given. */
  readonly enter?: readonly string[];
}

/** A server that accepts connections. Disposing of it ends its processes and removes its files. */
export interface RunningServer extends AsyncDisposable {
  /** Everything the server wrote about itself so far, for whoever wonders why it failed. */
  readonly log: string;
}

/** What is to be run. */
export interface ServerPlan {
  /** Run to its end before. */
  readonly first?: readonly string[];
  /** Ends with its first process. */
  readonly command: readonly string[];
}

/** PEM files. */
export interface CredentialPaths {
  readonly certificatePath: string;
  readonly keyPath: string;
}

const START_MILLISECONDS_MAX = 30_000;
const POLL_MILLISECONDS = 50;
const LOG_CHARACTERS_MAX = 100_000;

/**
 * Starts a server in a folder of its own and waits until it accepts connections.
 *
 * @param prepare writes what the server needs into the empty folder and says what to run.
 * @throws {Error} when something listens there already, and with what it wrote when it ends or doesn't come up.
 */
export async function startServer(
  name: string,
  where: ServerAddress,
  prepare: (folder: string) => Promise<ServerPlan>,
): Promise<RunningServer> {
  if (await accepts(where)) {
    throw new Error(`Cannot start ${name} on ${where.address}:${where.port}: something listens there`);
  }
  // Servers put sockets here, whose paths must be short.
  const folder = await Deno.makeTempDir({ prefix: "lab-" });
  const removeFolder = () => Deno.remove(folder, { recursive: true });
  try {
    const { first, command } = await prepare(folder);
    const enter = where.enter ?? [];
    if (first !== undefined) await runTool([...enter, ...first]);
    const daemon = await launch([...enter, ...command], name, folder, where);
    return {
      get log() {
        return daemon.log();
      },
      async [Symbol.asyncDispose]() {
        await daemon.stop();
        await removeFolder();
      },
    };
  } catch (error) {
    await removeFolder();
    throw error;
  }
}

interface Daemon {
  log(): string;
  stop(): Promise<void>;
}

async function launch(
  command: readonly string[],
  name: string,
  folder: string,
  where: ServerAddress,
): Promise<Daemon> {
  const [program, ...args] = command as [string, ...string[]];
  const child = new Deno.Command(program, {
    args,
    cwd: folder,
    env: { PATH: toolFolders().join(":") },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let log = "";
  const collect = async (stream: ReadableStream<Uint8Array<ArrayBuffer>>) => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      log = (log + text).slice(-LOG_CHARACTERS_MAX);
    }
  };
  const collected = Promise.all([collect(child.stdout), collect(child.stderr)]);
  let hasEnded = false;
  const ended = child.status.then(() => hasEnded = true);
  const stop = async () => {
    if (!hasEnded) child.kill("SIGKILL");
    await ended;
    await collected;
  };
  const deadline = performance.now() + START_MILLISECONDS_MAX;
  while (!await accepts(where)) {
    if (hasEnded || performance.now() > deadline) {
      await stop();
      const state = hasEnded ? "it ended" : `nothing listens after ${START_MILLISECONDS_MAX / 1000} s`;
      throw new Error(`Cannot start ${name} on ${where.address}:${where.port}: ${state}; it wrote: ${log}`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS));
  }
  return { log: () => log, stop };
}

async function accepts({ address: hostname, port }: ServerAddress): Promise<boolean> {
  try {
    (await Deno.connect({ hostname, port })).close();
    return true;
  } catch {
    return false;
  }
}

/** Writes credentials into a folder. */
export async function writeCredentials(
  folder: string,
  { chain, privateKey }: Credentials,
): Promise<CredentialPaths> {
  const certificatePath = join(folder, "chain.pem");
  const keyPath = join(folder, "key.pem");
  await Deno.writeTextFile(certificatePath, chain.map((der) => toPem("CERTIFICATE", der)).join(""));
  await Deno.writeTextFile(keyPath, toPem("PRIVATE KEY", privateKey), { mode: 0o600 });
  return { certificatePath, keyPath };
}

/** Writes a file of lines and returns its path. */
export async function writeLines(path: string, lines: readonly string[]): Promise<string> {
  await Deno.writeTextFile(path, `${lines.join("\n")}\n`);
  return path;
}
