import type { Channel } from "./channel.ts";
import { type HttpAnswer, HttpAnswerReader } from "./http_answer.ts";
import type { Leash } from "./leash.ts";
import type { Meter } from "./meter.ts";

/** A request as it goes over the wire, and how much of the answer to keep. */
export interface Question {
  readonly octets: Uint8Array;
  readonly bodyBytesMax: number;
}

/** Asks one question over a session. Never rejects for what the server does; the answer may be empty. */
export async function ask(
  { octets: question, bodyBytesMax }: Question,
  channel: Channel,
  leash: Leash,
  meter: Meter,
): Promise<HttpAnswer> {
  const reader = new HttpAnswerReader(bodyBytesMax);
  try {
    meter.saidSecretly(question.length);
    await channel.write(question);
    await channel.listen((octets) => {
      meter.heardSecretly(octets.length);
      return reader.feed(octets);
    });
    reader.end();
  } catch (error) {
    reader.end(reasonOf(error, leash));
  }
  return reader.answer();
}

/** What is left of a question that could not be asked because of `error`. */
export function unanswered(error: unknown, leash: Leash): HttpAnswer {
  const reader = new HttpAnswerReader(0);
  reader.end(reasonOf(error, leash));
  return reader.answer();
}

/** Undefined for an end that servers take for an orderly one though they do not announce it (RFC 8446, 6.1). */
function reasonOf(error: unknown, { cause }: Leash): string | undefined {
  if (cause === "timeout") return "the deadline passed";
  if (cause === "abandoned") return "abandoned";
  if (error instanceof Deno.errors.UnexpectedEof) return undefined;
  return error instanceof Error ? error.message : String(error);
}
