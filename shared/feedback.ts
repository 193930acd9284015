/** What a user did with an item, weakest first. */
export const feedbackEvents = ['view', 'click', 'buy'] as const

/** One line of a feedback file, named as `nightjar import` finds its columns. */
export interface FeedbackLine {
  user_id: string
  item_id: string
  event: (typeof feedbackEvents)[number]
  /** ISO 8601. */
  time: string
  /** Which answer it came from, where the client told. */
  recommendation_id?: string
  /** Of this event alone; a line that is there twice is one event. */
  event_id: string
}

/** Everything that feedback is stored under. */
export const feedbackPrefix = 'feedback/'

/**
 * Where some feedback is stored: `feedback/2026-04-23/051500123-<digest>.jsonl`. The same deliveries have the same key, so
 * that writing them again adds nothing.
 *
 * @param receivedAt of the first of them, in milliseconds since 1970
 * @param digest of the ids of all of them
 */
export function feedbackKey(receivedAt: number, digest: string): string {
  const [day = '', time = ''] = new Date(receivedAt).toISOString().split('T')
  return `${feedbackPrefix}${day}/${time.replace(/\D/g, '')}-${digest}.jsonl`
}

/** The day of a key, `2026-04-23`; undefined for a key that is none of feedback. */
export function dayOfFeedback(key: string): string | undefined {
  return /^feedback\/(\d{4}-\d\d-\d\d)\/[^/]+\.jsonl$/.exec(key)?.[1]
}
