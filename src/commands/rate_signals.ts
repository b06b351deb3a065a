/** What one signal makes of the rate. */
const FASTER = 1.05;
const SLOWER = 0.95;

/** Calls `work`; while it runs, SIGUSR1 raises the rate by 5% and SIGUSR2 lowers it by 5%. */
export async function withRateSignals<Result>(
  changeRate: (factor: number) => void,
  work: () => Promise<Result>,
): Promise<Result> {
  const raise = () => changeRate(FASTER);
  const lower = () => changeRate(SLOWER);
  Deno.addSignalListener("SIGUSR1", raise);
  Deno.addSignalListener("SIGUSR2", lower);
  try {
    return await work();
  } finally {
    Deno.removeSignalListener("SIGUSR1", raise);
    Deno.removeSignalListener("SIGUSR2", lower);
  }
}
