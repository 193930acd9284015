/** The name that was probably meant: the nearest of `names`, if it is near; else undefined. */
export function nearestName(word: string, names: readonly string[]): string | undefined {
  const near = names
    .map((name) => ({ name, edits: editDistance(word.toLowerCase(), name.toLowerCase()) }))
    .filter(({ name, edits }) => edits < name.length / 2)
  return near.sort((a, b) => a.edits - b.edits)[0]?.name
}

/** Levenshtein's: letters to insert, delete or replace. */
function editDistance(from: string, to: string): number {
  let before = Array.from({ length: to.length + 1 }, (_, n) => n)
  for (let i = 1; i <= from.length; i++) {
    const row = [i]
    for (let j = 1; j <= to.length; j++) {
      const replaced = before[j - 1] + (from[i - 1] === to[j - 1] ? 0 : 1)
      row.push(Math.min(replaced, before[j] + 1, row[j - 1] + 1))
    }
    before = row
  }
  return before[to.length]
}
