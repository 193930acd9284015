import { findTitleColumns, type Layout, type TitleColumns } from './column-roles.ts'
import type { DuckDbSession } from './duckdb-session.ts'
import { idProblem } from './interaction-sink.ts'
import { layoutOf } from './plan-source.ts'
import { readRows } from './read-rows.ts'
import type { RejectLog } from './reject-log.ts'
import type { Source } from './source.ts'
import { surveySource } from './survey.ts'
import { movieLens100kGenres } from './text-layout.ts'

/** What files of titles hold. */
export interface TitleFacts {
  hasTitle: boolean
  hasCategory: boolean
  /** Rows of each file, the bad ones included. */
  rowsRead: number[]
  /** Columns that are neither. */
  unread: string[]
}

/**
 * Reads files of titles into the table `titles` (`id`, `title`, `category`), one row an item. Where an item
 * stands twice, the last row counts.
 *
 * @throws NightjarError MISSING_COLUMN and others, as the reading of interactions
 */
export async function readTitles(
  session: DuckDbSession,
  sources: readonly Source[],
  rejects: RejectLog,
  signal?: AbortSignal,
): Promise<TitleFacts> {
  await session.run('CREATE TABLE title_rows (row UINTEGER, id VARCHAR, title VARCHAR, category VARCHAR)')
  const appender = await session.appender('title_rows')
  const found: TitleFacts = { hasTitle: false, hasCategory: false, rowsRead: [], unread: [] }
  let row = 0
  for (const source of sources) {
    const survey = await surveySource(source, signal)
    const layout = await layoutOf(session, source, survey)
    const columns = findTitleColumns(layout, source.label)
    const genres = source.format === 'item' ? genreColumns(layout) : []
    found.hasTitle ||= columns.title !== undefined
    found.hasCategory ||= columns.category !== undefined || genres.length > 0
    const read = [...textColumns(columns), ...genres].map(({ name }) => name)
    if (source.format !== 'item') found.unread.push(...layout.names.filter((name) => !read.includes(name)))
    let rowsRead = 0
    await readRows({
      source,
      layout,
      columns: [...textColumns(columns), ...genres],
      session,
      signal,
      handler: {
        row(values, place) {
          rowsRead++
          const [id, ...texts] = values
          const problem = idProblem(id, place)
          if (id === undefined || problem !== undefined) {
            const text = place.text()
            const reason = problem ?? 'is empty'
            rejects.add({ file: source.label, line: place.line, column: columns.item.name, reason, text })
            return
          }
          const title = columns.title === undefined ? '' : (texts.shift() ?? '')
          const category =
            genres.length > 0
              ? genres
                  .filter((_, i) => texts[i] === '1')
                  .map((genre) => genre.name)
                  .join('|')
              : (texts.shift() ?? '')
          appender.appendUInteger(row++)
          appender.appendVarchar(id)
          appender.appendVarchar(title)
          appender.appendVarchar(category)
          appender.endRow()
        },
        broken(reason, column, place) {
          rowsRead++
          rejects.add({ file: source.label, line: place.line, column, reason, text: place.text() })
        },
      },
    })
    found.rowsRead.push(rowsRead)
  }
  appender.closeSync()
  await session.run(`CREATE TABLE titles AS
    SELECT id, arg_max(title, row) AS title, arg_max(category, row) AS category FROM title_rows GROUP BY id`)
  await session.run('DROP TABLE title_rows')
  return found
}

function textColumns({ item, title, category }: TitleColumns) {
  return [item, title, category].filter((column) => column !== undefined)
}

/** u.item says its genres by flags, a column each. */
function genreColumns(layout: Layout) {
  return movieLens100kGenres.map((name) => ({ name, index: layout.names.indexOf(name) }))
}
