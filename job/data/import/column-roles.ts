import { NightjarError } from '../../errors.ts'

/** A column of a source, by position. */
export interface Column {
  /** 0-based. */
  index: number
  /** As in the header; `1`, `2`, ... where there is none. */
  name: string
}

/** Which columns hold what. */
export interface InteractionColumns {
  user: Column
  item: Column
  weight?: Column
  time?: Column
}

export interface TitleColumns {
  item: Column
  title?: Column
  category?: Column
}

/** Columns named by hand: a name, a 1-based number where there is no header, or `none` for rating and time. */
export interface NamedColumns {
  user?: string
  item?: string
  rating?: string
  time?: string
  /** Where events are read in place of ratings. */
  event?: string
}

/** The columns of a text, as its header or its shape tells. */
export interface Layout {
  /** One name a column; `1`, `2`, ... where nothing names them. */
  names: string[]
  hasHeader: boolean
  /** False where the columns go by number, and only their order tells what they are. */
  isNamed: boolean
}

/** Names that files in the wild use, best first. They are compared without case, `_`, `-` and spaces. */
const wellKnownNames = {
  user: names(
    'user_id user uid customer_id customer reviewer_id member_id visitor_id account_id profile_id client_id',
  ),
  item: names(
    'item_id item iid movie_id movie product_id product asin sku book_id isbn track_id song_id artist_id business_id video_id article_id game_id content_id',
  ),
  rating: names('rating ratings score stars overall weight value preference'),
  time: names(
    'timestamp time unix_review_time unix_time event_time created_at rated_at date datetime review_time',
  ),
  event: names('event event_type action interaction'),
  title: names('title name item_name item_title product_title product_name movie_title'),
  category: names('category categories genres genre main_category'),
}

/**
 * Finds the columns of interactions: those named by hand, else the well-known names, else (without a header)
 * user, item, rating, time in this order.
 *
 * @param hasEvents a column of events takes the place of ratings
 * @throws NightjarError MISSING_COLUMN
 */
export function findInteractionColumns(
  layout: Layout,
  named: NamedColumns,
  where: string,
  hasEvents = false,
): InteractionColumns {
  const find = (role: 'user' | 'item' | 'rating' | 'time', position: number) => {
    const wanted = named[role]
    if (wanted === 'none' && (role === 'rating' || role === 'time')) return undefined
    if (wanted !== undefined) return columnNamed(layout, wanted, role, where)
    return (
      wellKnownColumn(layout, wellKnownNames[role]) ?? (layout.isNamed ? undefined : at(layout, position))
    )
  }
  const user = find('user', 0) ?? missing(layout, 'user', where)
  const item = find('item', 1) ?? missing(layout, 'item', where)
  // An event stands where a rating would: it is a weight once it is looked up.
  const weight = hasEvents ? findEvent(layout, named.event, where) : find('rating', 2)
  const time = find('time', 3)
  return {
    user,
    item,
    ...(weight === undefined ? {} : { weight }),
    ...(time === undefined ? {} : { time }),
  }
}

function findEvent(layout: Layout, named: string | undefined, where: string): Column {
  if (named !== undefined) return columnNamed(layout, named, 'event', where)
  return wellKnownColumn(layout, wellKnownNames.event) ?? missing(layout, 'event', where)
}

/** Finds the columns of titles by their well-known names. @throws NightjarError MISSING_COLUMN */
export function findTitleColumns(layout: Layout, where: string): TitleColumns {
  const item = wellKnownColumn(layout, [...wellKnownNames.item, 'id'])
  const title = wellKnownColumn(layout, wellKnownNames.title)
  const category = wellKnownColumn(layout, wellKnownNames.category)
  if (item !== undefined && (title !== undefined || category !== undefined)) {
    return {
      item,
      ...(title === undefined ? {} : { title }),
      ...(category === undefined ? {} : { category }),
    }
  }
  throw new NightjarError('MISSING_COLUMN', {
    what: `${where}: ${item === undefined ? 'no column names the item' : 'no column is a title or a category'}; its columns are ${list(layout.names)}`,
    why: 'a file of titles needs a header such as item_id,title,category',
    fix: 'give it such a header, and run the same command again',
  })
}

export function isWellKnown(name: string): boolean {
  return Object.values(wellKnownNames).some((known) => known.includes(plain(name)))
}

/** Whether a column of this name is taken for events, once `--events` asks for them. */
export function isEventName(name: string): boolean {
  return wellKnownNames.event.includes(plain(name))
}

function wellKnownColumn(layout: Layout, known: readonly string[]): Column | undefined {
  const plainNames = layout.names.map(plain)
  for (const name of known) {
    const index = plainNames.indexOf(name)
    if (index >= 0) return at(layout, index)
  }
  return undefined
}

function columnNamed(layout: Layout, wanted: string, role: string, where: string): Column {
  const exact = layout.names.indexOf(wanted)
  const index = exact >= 0 ? exact : layout.names.findIndex((name) => plain(name) === plain(wanted))
  const column = index >= 0 ? at(layout, index) : undefined
  if (column !== undefined) return column
  throw new NightjarError('MISSING_COLUMN', {
    what: `${where}: no column ${JSON.stringify(wanted)} (--${role}-column); ${
      layout.isNamed
        ? `its columns are ${list(layout.names)}`
        : `it has ${layout.names.length} columns, without names`
    }`,
    why: layout.isNamed
      ? 'a typing error; or, if the file has no header, its first row was taken for one (--no-header)'
      : 'without a header columns go by number, from 1',
    fix: `nightjar import ${where} --${role}-column ${layout.isNamed ? 'NAME' : 'NUMBER'} --out FOLDER`,
  })
}

function missing(layout: Layout, role: 'user' | 'item' | 'event', where: string): never {
  throw new NightjarError('MISSING_COLUMN', {
    what: `${where}: no column names the ${role}; its columns are ${list(layout.names)}`,
    ...(otherDelimiter(layout) ?? {
      why: 'an unusual name, or a file without a header',
      fix: `say which it is: --${role}-column NAME; without a header: --no-header --user-column 1 --item-column 2`,
    }),
  })
}

/** What to do about a file whose one column holds others, between what its format does not split at. */
function otherDelimiter({ names }: Layout): { why: string; fix: string } | undefined {
  const [only = ''] = names.length === 1 ? names : []
  if (only.includes(';')) return { why: 'its columns stand between semicolons', fix: '--format ssv' }
  if (only.includes('\t')) return { why: 'its columns stand between tabs', fix: '--format tsv' }
  return undefined
}

function at(layout: Layout, index: number): Column | undefined {
  const name = layout.names[index]
  return name === undefined ? undefined : { index, name }
}

function list(columns: readonly string[]): string {
  const some = columns.slice(0, 12).map((name) => JSON.stringify(name.slice(0, 40)))
  return `${some.join(', ')}${columns.length > some.length ? `, ... (${columns.length})` : ''}`
}

function names(text: string): string[] {
  return text.split(' ').map(plain)
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[\s_-]/g, '')
}
