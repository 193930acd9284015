import type { Clock } from '../../clock.ts'
import type { Progress } from '../../progress.ts'
import type { Store } from '../../store/store.ts'
import type { NamedColumns } from './column-roles.ts'
import type { EventWeights } from './event-weights.ts'
import type { RejectLimit } from './reject-log.ts'
import type { SourceFormat } from './source.ts'

export interface ImportOptions {
  /** Paths or URIs: files, or folders as MovieLens publishes them. */
  sources: string[]
  /** Where the dataset is, or will be. */
  out: Store
  /** For every source; by default each file's extension tells. */
  format?: SourceFormat | undefined
  columns: NamedColumns
  /** False: the first row is data, and columns go by number. */
  hasHeader: boolean
  /** Add to the dataset that is there. */
  append: boolean
  /** Leave out sources that the dataset has; make the dataset where there is none. */
  ifNew: boolean
  /** The weight of each event; undefined where rows have ratings, or nothing. */
  events?: EventWeights | undefined
  minRating?: number | undefined
  minCount?: number | undefined
  /** A file of titles; a MovieLens folder brings its own. */
  items?: string | undefined
  /** Where bad rows are written; by default beside the dataset: `FOLDER.rejects.csv`. */
  rejects?: string | undefined
  maxRejects: RejectLimit
  clock: Clock
  progress: Progress
  signal?: AbortSignal | undefined
}
