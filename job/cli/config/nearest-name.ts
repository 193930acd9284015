/** The name that was probably meant: the nearest of `names`, if it is near; else undefined. */
export function nearestName(word: string, names: readonly string[]): string | undefined {
  const near = names
    .map((name) => ({ name, edits: editDistance(word.toLowerCase(), name.toLowerCase()) }))
    .filter(({ name, edits }) => edits < name.length / 2)
  return near.sort((a, b) => a.edits - b.edits)[0]?.name
}

/** Letters to insert, delete, replace or exchange with the next one: optimal string alignment. */
function editDistance(from: string, to: string): number {
  const rows = [Array.from({ length: to.length + 1 }, (_, n) => n)]
  for (let i = 1; i <= from.length; i++) {
    const row = [i]
    for (let j = 1; j <= to.length; j++) {
      const replaced = rows[i - 1][j - 1] + (from[i - 1] === to[j - 1] ? 0 : 1)
      const isExchanged = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]
      const exchanged = isExchanged ? rows[i - 2][j - 2] + 1 : replaced
      row.push(Math.min(replaced, exchanged, rows[i - 1][j] + 1, row[j - 1] + 1))
    }
    rows.push(row)
  }
  return rows[from.length][to.length]
}
