import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from "node:sqlite";

/** What a query gives, row by row. */
export interface RowStream {
  /** The names of the columns, which can be the same; none where there is no row and Deno doesn't tell them (2.4). */
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
  const plain = database.prepare(query) as NewStatement;
  const columns = plain.columns?.().map(({ name }) => name);
  // Without the number of columns there is no last row, and without it only what is fetched at once is certain.
  if (columns === undefined) {
    read(plain);
    const rows = plain.all(...parameters);
    return { columns: Object.keys(rows[0] ?? {}), rows: rows.map((row) => Object.values(row)) };
  }
  const statement = database.prepare(
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
