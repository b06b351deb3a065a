// A simulated Internet to work in: brings a world up, and a shell on the scanner's side of it.
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { CommandError, runInside } from "./lab_session.ts";
import { LAB_HELP, type LabOptions, parseLabArguments, UsageError } from "./lab_options.ts";
import { broughtFile, enterNamespace, isInsideNamespace } from "./namespace.ts";
import { describeWorld, WorldFileError } from "./responder.ts";

const FAILED = 1;
const BAD_USAGE = 2;

/** More of them are a wait that somebody wants to be told of. */
const CHAIN_COUNT_QUICK_MAX = 2048;

Deno.exit(await main(Deno.args));

async function main(args: readonly string[]): Promise<number> {
  try {
    const options = parseLabArguments(args);
    if (options === "help") {
      console.log(LAB_HELP);
      return 0;
    }
    return isInsideNamespace() ? await runInside(options) : await enter(options);
  } catch (error) {
    console.error(`lab: ${error instanceof Error ? error.message : error}`);
    if (error instanceof CommandError) return error.exitCode;
    return error instanceof UsageError || error instanceof WorldFileError ? BAD_USAGE : FAILED;
  }
}

/** The truth is never written over something; and the lab's /run ends with it. */
async function requireNewFile(path: string): Promise<void> {
  if (resolve(path).startsWith("/run/")) {
    throw new UsageError(`Cannot write ${path}: the lab's /run ends with the lab; name a file elsewhere`);
  }
  const isThere = await stat(path).then(() => true, () => false);
  if (isThere) throw new UsageError(`Cannot write ${path}: it exists already; name a new file`);
}

async function enter({ world, truth, command }: LabOptions): Promise<number> {
  // Before anything is brought up, and while the messages can name the files as their user does.
  if (truth !== undefined) await requireNewFile(truth);
  const { chainCount } = await describeWorld(world);
  if (chainCount > CHAIN_COUNT_QUICK_MAX) {
    console.error(
      `lab: making ${chainCount.toLocaleString("en")} certificate chains, a few hundred a second`,
    );
  }
  const exitCode = await enterNamespace({
    args: [broughtFile(world), ...truth === undefined ? [] : ["--truth", truth], "--", ...command],
    file: world,
    onInterrupt: "ignore",
  });
  return exitCode!;
}
