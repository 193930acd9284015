import { feedbackEvents } from '../shared/feedback.ts'
import { similarAnswered } from '../shared/item-bucket.ts'
import {
  choice,
  flag,
  type Infer,
  integer,
  list,
  moment,
  number,
  numbersByName,
  object,
  ofForm,
  optional,
  text,
} from './schema.ts'

/** How many items of a history explain a recommendation. */
export const becauseMax = 3

/** The longest list that any version answers. */
export const lengthMax = 100

/** The longest id that can be imported, in bytes of UTF-8. */
const idBytesMax = 1024

/** The most of a history that is published. */
const publishedHistoryMax = 50

const countMax = 2 ** 32 - 1

/** The longest history that a list is made from. */
const historyMax = 500

const id = (description?: string) => text(1, idBytesMax, description)

/**
 * What can be asked of a list. All of it is optional.
 *
 * @param most the longest list that the version which answers has
 * @param excludeMax a body takes more than a URL
 */
const listFields = (most: number, excludeMax: number) => ({
  k: optional(integer(1, most, 'How many items; 10 if not given.')),
  offset: optional(integer(0, 1_000_000, 'How many items to leave out at the beginning.')),
  exclude: optional(list(id(), 0, excludeMax, 'Ids of items that are not wanted.')),
  category: optional(text(0, idBytesMax, 'Only items of this category; empty for those that have none.')),
})

/** The ids that a URL takes; it may be some 16 kB long, so a longer list needs a body. */
export const queryFields = (most: number) => listFields(most, 100)

const listBody = (most: number) => object('ListRequest', listFields(most, 1000))

const explain = flag("Say which items of the history moved each of them most; a user's needs a key.")

/** What can be asked of a user's list beside that. */
const userFields = (itemIdsMax: number) => ({
  explain: optional(explain),
  itemIds: optional(
    list(id(), 0, itemIdsMax, 'What somebody whom the version does not know is known to like.'),
  ),
})

/** What a URL takes of it. */
export const userQueryFields = userFields(100)

export const userListBody = (most: number) =>
  object('UserListRequest', { ...listFields(most, 1000), ...userFields(historyMax) })

export const foldInBody = (most: number) =>
  object('FoldInRequest', {
    ...listFields(most, 1000),
    itemIds: list(id(), 1, historyMax, 'A history; items that the version does not know are left out of it.'),
    explain: optional(explain),
  })

export const batchBody = (most: number) => {
  const { k, category } = listFields(most, 0)
  return object('BatchRequest', { userIds: list(id(), 1, 100), k, category })
}

/** An id that `nightjar import` takes: one that it does not would be a bad row every night. */
const importableId = () =>
  ofForm(id(), /^(?!\ufeff)[^\0]*$/, 'no NUL character, and no byte order mark at the beginning')

const feedbackEvent = object('FeedbackEvent', {
  userId: importableId(),
  itemId: importableId(),
  event: choice(...feedbackEvents),
  time: optional(
    moment('When; now if not given. Not in the future, but for five minutes that clocks may differ.'),
  ),
  recommendationId: optional(text(1, 100, 'Of the answer that it came from.')),
})

export const feedbackBody = object('Feedback', { events: list(feedbackEvent, 1, 100) })

export const feedbackAnswer = object('FeedbackAccepted', {
  accepted: integer(1, 100, 'How many events: all of them.'),
})

const versionId = text()

/** What moved a recommendation. */
const because = object('Because', {
  id: text(),
  title: optional(text()),
  share: number('Of all that the history moved it upwards, from 0 to 1.'),
})

/** One item of an answer. */
const listedItem = object('ListedItem', {
  id: text(),
  title: optional(text(0, undefined, 'Left out where the source had none.')),
  category: optional(text(0, undefined, 'Left out where the source had none.')),
  score: optional(number("The model's score, or how similar; left out in popular lists.")),
  because: optional(list(because, 0, becauseMax, 'Where it was asked for: what moved it most, most first.')),
})

const listedItems = list(listedItem, 0, lengthMax, 'Best first.')

const source = choice('personal', 'fold-in', 'popular')

const userList = {
  userId: text(),
  source,
  recommendationId: text(0, undefined, 'Of this answer alone; a copy of it in a cache has the same.'),
  items: listedItems,
}

const { userId: _, ...anybodysList } = userList

export const foldInAnswer = object('FoldIn', { versionId, ...anybodysList })

export const recommendationsAnswer = object('Recommendations', { versionId, ...userList })

export const batchAnswer = object('BatchRecommendations', {
  versionId,
  results: list(object('UserRecommendations', userList), 1, 100, 'One for each user id, in its order.'),
})

export const popularAnswer = object('Popular', {
  versionId,
  source: choice('popular'),
  items: listedItems,
})

export const itemAnswer = object('Item', {
  versionId,
  id: text(),
  title: optional(text()),
  category: optional(text()),
  count: integer(0, countMax, 'Users who have it in their history.'),
})

export const similarAnswer = object('SimilarItems', {
  versionId,
  id: text(0, undefined, 'The item that they are similar to.'),
  items: list(listedItem, 0, similarAnswered, 'Most similar first.'),
})

export const historyAnswer = object('History', {
  versionId,
  userId: text(),
  items: list(listedItem, 0, publishedHistoryMax, 'Newest first, without scores.'),
})

export const examplesAnswer = object('Examples', {
  versionId,
  userIds: list(text(), 0, 5, 'Some users of the version.'),
})

/** The version's `meta`, with whatever else was published in it. */
const metaFields = object('Model', {
  versionId,
  digest: text(),
  model: text(),
  dataCutoff: text(),
  trainedAt: text(),
  users: integer(0, countMax),
  items: integer(0, countMax),
  k: integer(1, countMax),
  userBucketCount: integer(1, countMax),
  itemBucketCount: integer(1, countMax),
  metrics: numbersByName(),
  historyMax: optional(
    integer(0, publishedHistoryMax, 'Items of a history that were published; 0 for none.'),
  ),
})
export const modelAnswer: typeof metaFields = {
  ...metaFields,
  json: { ...metaFields.json, additionalProperties: true },
}

export const versionsAnswer = object('Versions', {
  current: modelAnswer,
  previous: optional(modelAnswer),
  pinned: optional(text(0, undefined, 'The version that publications do not replace.')),
  publishedAt: text(0, undefined, 'Since when the current one is served, ISO 8601.'),
})

export const liveAnswer = object('Live', { status: choice('live') })

export const readyAnswer = object('Ready', {
  status: choice('ready'),
  versionId,
  publishedAt: text(0, undefined, 'Since when it is the served one, ISO 8601.'),
  ageSeconds: integer(0, countMax, 'Since its training began.'),
})

/** What is asked of a list, as it was written; see `ListOptions` for what it comes to. */
export type ListRequest = Infer<ReturnType<typeof listBody>>
export type UserListRequest = Infer<ReturnType<typeof userListBody>>
export type FoldInRequest = Infer<ReturnType<typeof foldInBody>>
export type BatchRequest = Infer<ReturnType<typeof batchBody>>
export type Feedback = Infer<typeof feedbackBody>
export type FeedbackAccepted = Infer<typeof feedbackAnswer>
export type ListedItem = Infer<typeof listedItem>
export type UserList = Pick<Recommendations, 'userId' | 'source' | 'recommendationId' | 'items'>
export type FoldIn = Infer<typeof foldInAnswer>
export type Recommendations = Infer<typeof recommendationsAnswer>
export type BatchRecommendations = Infer<typeof batchAnswer>
export type Popular = Infer<typeof popularAnswer>
export type Item = Infer<typeof itemAnswer>
export type SimilarItems = Infer<typeof similarAnswer>
export type History = Infer<typeof historyAnswer>
export type Examples = Infer<typeof examplesAnswer>
export type Model = Infer<typeof modelAnswer>
export type VersionsInUse = Infer<typeof versionsAnswer>
export type Live = Infer<typeof liveAnswer>
export type Ready = Infer<typeof readyAnswer>
