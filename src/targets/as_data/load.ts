import { reasonOf } from "../../text/mod.ts";
import { concatenate } from "../concatenate.ts";
import { type ReadOctets, readOctets, sourceName } from "../source.ts";
import { TargetError } from "../target_error.ts";
import { type AsDatabase, AsDatabaseBuilder } from "./as_database.ts";
import { readMaxMind } from "./max_mind.ts";
import { readText } from "./text_lines.ts";

/** As much of a file as tells its format. */
const HEAD_SIZE = 4096;
/** Of a MaxMind DB, which has to be in memory whole while it is read. */
const BINARY_SIZE_MAX = 2 ** 29;

/**
 * Loads the AS of addresses from a file in any of the usual formats, plain or gzipped, which its content tells: ranges
 * or prefixes between commas or tabs (ip-location-db, iptoasn, IP2Location, GeoLite2, IPinfo), CAIDA's pfx2as, or a
 * MaxMind DB. Where prefixes are nested the most specific counts, and several lines for one prefix are several origins.
 *
 * @throws {TargetError} for a file that cannot be read, has wrong lines, or ranges that contradict each other.
 */
export async function loadAsDatabase(path: string, read: ReadOctets = readOctets): Promise<AsDatabase> {
  const source = sourceName(path);
  const builder = new AsDatabaseBuilder(source);
  const { head, pieces } = await peek(read(path));
  if (head[0] === 0x1f && head[1] === 0x8b) {
    const unzipped = await peek(unzip(pieces, source));
    await readPlain(unzipped.head, unzipped.pieces, source, builder);
  } else {
    await readPlain(head, pieces, source, builder);
  }
  return builder.build();
}

async function readPlain(
  head: Uint8Array,
  pieces: AsyncIterable<Uint8Array>,
  source: string,
  builder: AsDatabaseBuilder,
): Promise<void> {
  // A search tree starts with small numbers, so with octets that no text has.
  if (head.includes(0)) readMaxMind(await collect(pieces, source), source, builder);
  else await readText(pieces, source, builder);
}

/** The start of what is read, and all of it. */
async function peek(
  pieces: AsyncIterable<Uint8Array>,
): Promise<{ head: Uint8Array; pieces: AsyncIterable<Uint8Array> }> {
  const iterator = pieces[Symbol.asyncIterator]();
  let head = new Uint8Array(0);
  while (head.length < HEAD_SIZE) {
    const { value, done } = await iterator.next();
    if (done) break;
    head = concatenate([head, value]);
  }
  const all = async function* () {
    yield head;
    yield* { [Symbol.asyncIterator]: () => iterator };
  };
  return { head, pieces: all() };
}

/** Members of a gzip file that follow each other are one content (RFC 1952, 2.2). */
async function* unzip(pieces: AsyncIterable<Uint8Array>, source: string): AsyncGenerator<Uint8Array> {
  const [{ pipeline, Readable }, { createGunzip }] = await Promise.all([
    import("node:stream"),
    import("node:zlib"),
  ]);
  const gunzip = createGunzip();
  pipeline(Readable.from(copies(pieces)), gunzip, () => {});
  try {
    yield* gunzip;
  } catch (error) {
    if (error instanceof TargetError) throw error;
    throw new TargetError(
      `Cannot read AS data: its gzip compression is damaged, ${reasonOf(error)}`,
      source,
    );
  }
}

/** A stream reads ahead, and a piece is only valid until the next one. */
async function* copies(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) yield piece.slice();
}

async function collect(pieces: AsyncIterable<Uint8Array>, source: string): Promise<Uint8Array> {
  const collected: Uint8Array[] = [];
  let size = 0;
  for await (const piece of pieces) {
    size += piece.length;
    if (size > BINARY_SIZE_MAX) {
      throw new TargetError(
        `Cannot read AS data: it is larger than ${BINARY_SIZE_MAX / 2 ** 20} MiB`,
        source,
      );
    }
    collected.push(piece.slice());
  }
  return concatenate(collected);
}
