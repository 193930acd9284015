/** `v/<versionId>/meta`, as JSON: what a reader must know before it can find a user. */
export interface VersionMeta {
  versionId: string
  /** sha256 of the score files' digests: two publications of a version hold the same lists or are refused. */
  digest: string
  /** The algorithm: `jca`. */
  model: string
  /** Newest interaction or import that the model has seen, ISO 8601. */
  dataCutoff: string
  /** When the run was trained, ISO 8601. */
  trainedAt: string
  users: number
  items: number
  /** Items in a list. */
  k: number
  userBucketCount: number
  itemBucketCount: number
  /** Validation metrics at 10, where the run measured some. */
  metrics: Record<string, number>
  /** Items of a user's history that were published at most; 0 for none. Versions from before it was told have 50. */
  historyMax?: number
  /** The component that makes lists from a history alone, where the version has one. */
  foldIn?: {
    /** sha256 of its weights before they were rounded. */
    digest: string
    hidden: number
    parts: number
    /** Its own validation metrics at 10, as the model's. */
    metrics: Record<string, number>
  }
}

/** `current`, as JSON: which version is served, and which ones are still there. */
export interface CurrentPointer {
  current: string
  /** What `current` was before the last flip; null for the first. */
  previous: string | null
  /** Set by a rollback: the next publications do not flip until it is unpinned. */
  pinned: string | null
  /** Every version whose keys are in the store, last published first. */
  retained: string[]
  /** Where the runs of those lay when they were published, for the night that compares itself with one; absent in older ones. */
  runs?: Record<string, string>
  /** When `current` last changed, ISO 8601. */
  publishedAt: string
}

/** One row of a user bucket. */
export interface UserRow {
  userId: string
  /** Best first. */
  itemIds: string[]
  /** Matched with `itemIds`, descending. */
  scores: number[]
  /** Newest first, 50 at most; empty where histories were left out. */
  history: string[]
}

/** What is known of an item. */
export interface ItemFacts {
  itemId: string
  /** '' where the source had none. */
  title: string
  category: string
  /** Users who have it in their history. */
  count: number
}

/** One row of an item bucket. */
export interface ItemRow extends ItemFacts {
  /** The most similar items, best first. */
  similar: string[]
  /** Matched with `similar`, descending, above 0 and at most 1. */
  similarScores: number[]
}

/** One entry of the popular list (`v/<versionId>/popular`, a JSON array, most popular first). */
export interface PopularItem {
  itemId: string
  title: string
  count: number
}
