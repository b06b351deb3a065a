/** margay's version, as `--version` and the log's first record say it. */
export const VERSION = "0.1.0";
