/** Rows of a CSV file (RFC 4180): undefined for a field without anything, the empty text for two quotes. */
export function readCsv(text: string): (string | undefined)[][] {
  const rows: (string | undefined)[][] = [];
  let row: (string | undefined)[] = [];
  let position = 0;
  while (position < text.length) {
    let field: string | undefined;
    if (text[position] === '"') {
      field = "";
      for (position += 1;; position += 1) {
        if (position >= text.length) throw new Error("a quote is not closed");
        if (text[position] !== '"') field += text[position];
        else if (text[position + 1] === '"') {
          field += '"';
          position += 1;
        } else break;
      }
      position += 1;
    } else {
      const end = text.slice(position).search(/[,\n]/);
      field = text.slice(position, position + end);
      if (/["\r]/.test(field)) throw new Error(`a quote or a carriage return in ${field}`);
      position += end;
      if (field === "") field = undefined;
    }
    row.push(field);
    if (text[position] === "\n") {
      rows.push(row);
      row = [];
    } else if (text[position] !== ",") throw new Error(`neither comma nor line feed at ${position}`);
    position += 1;
  }
  if (row.length > 0) throw new Error("the last line has no end");
  return rows;
}

/** Rows by the names in the first one. */
export function readCsvTable(text: string): Record<string, string | undefined>[] {
  const [header = [], ...rows] = readCsv(text);
  return rows.map((row) => {
    if (row.length !== header.length) throw new Error(`${row.length} fields under ${header.length} names`);
    return Object.fromEntries(row.map((field, index) => [header[index]!, field]));
  });
}
