import { NightjarError } from '../errors.ts'
import { DuckDbSession } from './import/duckdb-session.ts'
import { idProblem } from './import/interaction-sink.ts'
import { LocalCopies } from './import/local-copies.ts'
import { planSource } from './import/plan-source.ts'
import { readRows } from './import/read-rows.ts'
import { openSource } from './import/source.ts'
import { surveySource } from './import/survey.ts'

/**
 * Hands over the user's and the item's id of each row of a file, in order, whatever format of import's it is in. What
 * other columns hold is not looked at.
 *
 * @returns sha256 of the file's bytes
 * @throws NightjarError PAIRS_BAD_ROW naming file, line and column; MISSING_COLUMN, SOURCE_EMPTY and others of import
 */
export async function forEachPair(
  uri: string,
  signal: AbortSignal | undefined,
  visit: (userId: string, itemId: string) => void,
): Promise<string> {
  const session = await DuckDbSession.open(signal)
  const copies = new LocalCopies()
  try {
    const source = await copies.of((await openSource(uri)).interactions, signal)
    const survey = await surveySource(source, signal)
    const { layout, columns } = await planSource(session, source, survey, {}, true)
    const bad = (line: number, column: string, reason: string) => {
      throw new NightjarError('PAIRS_BAD_ROW', {
        what: `${uri}, line ${line}${column && `, column "${column}"`}: ${reason}`,
        why: 'held-out pairs are figures: a row that is left out would change them in silence',
        fix: 'mend the row, or take it out',
      })
    }
    await readRows({
      source,
      layout,
      columns: [columns.user, columns.item],
      session,
      signal,
      handler: {
        row([userId, itemId], place) {
          const userProblem = idProblem(userId, place)
          if (userProblem !== undefined) bad(place.line, columns.user.name, userProblem)
          const itemProblem = idProblem(itemId, place)
          if (itemProblem !== undefined) bad(place.line, columns.item.name, itemProblem)
          visit(userId as string, itemId as string)
        },
        broken: (reason, column, place) => bad(place.line, column, reason),
      },
    })
    return survey.sha256
  } finally {
    session.close()
    await copies.close()
  }
}
