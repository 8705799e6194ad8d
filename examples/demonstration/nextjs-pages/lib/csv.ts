export function toCsv(rows: Record<string, string | number>[]): string {
  const columns = Object.keys(rows[0] ?? {})
  return [columns, ...rows.map(row => columns.map(column => row[column]))]
    .map(line => line.join(','))
    .join('\n')
}
