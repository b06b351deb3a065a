/** What begins a statement that reads. */
const READING = ["SELECT", "WITH", "VALUES", "EXPLAIN"] as const;

/** What a pragma may be asked; others set something, and all of them can, given a value. */
const READING_PRAGMAS =
  /^(?:\w+\.)?(?:(?:table_info|table_xinfo|index_list|index_info|index_xinfo|foreign_key_list)\s*\([^)=]*\)|(?:table_list|database_list|compile_options|function_list|application_id|user_version|integrity_check|quick_check))$/i;

/** Blanks and comments. */
const BLANK = /(?:\s|--[^\n]*(?:\n|$)|\/\*[^]*?(?:\*\/|$))+/y;

/** Texts and quoted names, in which anything may stand. What is not closed is SQLite's to refuse. */
const QUOTED = /'(?:[^']|'')*(?:'|$)|"(?:[^"]|"")*(?:"|$)|`(?:[^`]|``)*(?:`|$)|\[[^\]]*(?:\]|$)/y;

/** One statement, without a semicolon. */
export interface ReadingStatement {
  readonly text: string;
  /** It can stand in another statement, where a table can. */
  readonly isSelection: boolean;
}

/**
 * The one statement of an SQL text, if it is one that only reads. The file is opened so that nothing can be written to
 * it; this refuses what gets around that, which is to attach or make other files, and what SQLite would pass over in
 * silence, which is everything behind the first statement.
 *
 * @throws {Error} when it is anything else.
 */
export function readingStatement(sql: string): ReadingStatement {
  const end = endOfStatement(sql);
  if (skipBlank(sql, end + 1) < sql.length) {
    throw refusal("there is something behind the first statement; ask one at a time");
  }
  const statement = sql.slice(skipBlank(sql, 0), end).trim();
  const [word = ""] = /^\w*/.exec(statement) ?? [];
  const keyword = word.toUpperCase();
  if (statement === "") throw refusal("it is empty; write SELECT ... FROM ...");
  if (keyword === "PRAGMA") {
    if (READING_PRAGMAS.test(statement.slice(word.length).trim())) {
      return { text: statement, isSelection: false };
    }
    throw refusal("this pragma is not one that only reads; table_info(NAME) and table_list are");
  }
  if (!READING.some((reading) => reading === keyword)) {
    throw refusal(
      `a graph is only read here; begin with ${READING.slice(0, -1).join(", ")} or ${READING.at(-1)}`,
    );
  }
  return { text: statement, isSelection: keyword !== "EXPLAIN" };
}

/** Where the first semicolon stands that ends a statement; where there is none, the end. */
function endOfStatement(sql: string): number {
  for (let index = skipBlank(sql, 0); index < sql.length;) {
    if (sql[index] === ";") return index;
    QUOTED.lastIndex = index;
    index = skipBlank(sql, index + (QUOTED.exec(sql)?.[0].length || 1));
  }
  return sql.length;
}

function skipBlank(sql: string, index: number): number {
  BLANK.lastIndex = index;
  return index + (BLANK.exec(sql)?.[0].length ?? 0);
}

function refusal(reason: string): Error {
  return new Error(`Cannot run this query: ${reason}`);
}
