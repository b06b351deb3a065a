import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from "node:sqlite";
import { prepareStatement } from "./prepare_statement.ts";

/** What a query gives, row by row. */
export interface RowStream {
  /** The names of the columns, which can be the same. */
  readonly columns: readonly string[];
  readonly rows: Iterable<readonly SQLOutputValue[]>;
}

/** What Deno 2.9 has, and its types or Deno 2.4 lack. */
type NewStatement = StatementSync & {
  columns?(): readonly { readonly name: string }[];
  setReturnArrays?(enabled: boolean): void;
};

/**
 * Runs a SELECT and fetches its rows as they are asked for. In Deno, an iteration that meets an error (a damaged page,
 * a number that overflows) ends as if there were no more rows. So a last row is added here, and where it is missing
 * the query is run again in a way that says what is wrong.
 *
 * @param read what a caller wants of the statement, such as exact numbers.
 */
export function streamRows(
  database: DatabaseSync,
  query: string,
  parameters: readonly SQLInputValue[] = [],
  read: (statement: StatementSync) => void = () => {},
): RowStream {
  const plain = prepareStatement(database, query) as NewStatement;
  const columns = plain.columns?.().map(({ name }) => name);
  if (columns === undefined) return fetchRows(database, query, parameters, read);
  const statement = prepareStatement(
    database,
    `SELECT 0, * FROM (${query}\n) UNION ALL SELECT 1${", NULL".repeat(columns.length)}`,
  ) as NewStatement;
  read(statement);
  statement.setReturnArrays!(true);
  return { columns, rows: markedRows(database, query, statement, parameters) };
}

function* markedRows(
  database: DatabaseSync,
  query: string,
  statement: StatementSync,
  parameters: readonly SQLInputValue[],
): Iterable<readonly SQLOutputValue[]> {
  for (const row of statement.iterate(...parameters) as Iterable<unknown>) {
    const [mark, ...values] = row as [mark: number | bigint, ...values: SQLOutputValue[]];
    if (Number(mark) === 1) return;
    yield values;
  }
  // Sorting takes every row before the first one is there, which is as far as this goes.
  database.exec(`SELECT * FROM (${query}\n) ORDER BY 1`);
  // Naming the statement here also keeps it from being collected while its rows are read.
  throw new Error(`Cannot read the graph: the rows of ${statement.sourceSQL} end too early; try again`);
}

/**
 * The same in Deno 2.4, of which only what is fetched at once is certain. It has rows as objects alone, in which
 * columns of one name would be one, and those named by numbers would stand in front: so they get other names here.
 */
function fetchRows(
  database: DatabaseSync,
  query: string,
  parameters: readonly SQLInputValue[],
  read: (statement: StatementSync) => void,
): RowStream {
  const columns = columnsOf(database, query);
  const names = columns.map((_, index) => `NULL AS column_${index}`);
  const statement = prepareStatement(
    database,
    `SELECT ${names} WHERE 0 UNION ALL SELECT * FROM (${query}\n)`,
  );
  read(statement);
  return { columns, rows: statement.all(...parameters).map((row) => Object.values(row)) };
}

/** The names of a query's columns in their order, from a row with the place of each. */
function columnsOf(database: DatabaseSync, query: string): string[] {
  const none = `SELECT * FROM (${query}\n) LIMIT 0`;
  const keys = Object.keys(
    prepareStatement(database, `SELECT given.* FROM (SELECT 0) LEFT JOIN (${none}) AS given`).get() ?? {},
  );
  const places = prepareStatement(database, `SELECT * FROM (${none}) UNION ALL SELECT ${[...keys.keys()]}`)
    .get() ?? {};
  const names = keys.sort((left, right) => Number(places[left]) - Number(places[right]));
  // In a table SQLite tells columns of one name apart: `a`, `a:1`, `a:2`.
  const seen = new Set<string>();
  return names.map((name) => {
    seen.add(name.toLowerCase());
    const bare = name.replace(/:\d+$/, "");
    return seen.has(bare.toLowerCase()) ? bare : name;
  });
}
