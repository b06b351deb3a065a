// A simulated Internet to work in: brings a world up, and a shell on the scanner's side of it.
import { CommandError, runInside } from "./lab_session.ts";
import { LAB_HELP, type LabOptions, parseLabArguments, UsageError } from "./lab_options.ts";
import { broughtFile, enterNamespace, isInsideNamespace } from "./namespace.ts";
import { describeWorld, WorldFileError } from "./responder.ts";

const FAILED = 1;
const BAD_USAGE = 2;

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

async function enter({ world, truth, command }: LabOptions): Promise<number> {
  // Before anything is brought up, and while the messages can name the file as its user does.
  await describeWorld(world);
  const exitCode = await enterNamespace({
    args: [broughtFile(world), ...truth === undefined ? [] : ["--truth", truth], "--", ...command],
    file: world,
    onInterrupt: "ignore",
  });
  return exitCode!;
}
