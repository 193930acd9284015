import { similarAnswered } from '../shared/item-bucket.ts'
import type { ProblemCode } from '../shared/problem.ts'
import {
  batchAnswer,
  batchBody,
  examplesAnswer,
  feedbackAnswer,
  feedbackBody,
  foldInAnswer,
  foldInBody,
  historyAnswer,
  itemAnswer,
  lengthMax,
  liveAnswer,
  modelAnswer,
  popularAnswer,
  queryFields,
  readyAnswer,
  recommendationsAnswer,
  similarAnswer,
  userListBody,
  userQueryFields,
  versionsAnswer,
} from './descriptions.ts'
import type { Schema } from './schema.ts'

/** One method on one path, as clients see it. */
export interface Operation {
  id: string
  method: 'get' | 'post'
  /** As OpenAPI writes it: `/v1/items/{id}`. */
  path: string
  summary: string
  query?: Readonly<Record<string, Schema<unknown>>>
  body?: Schema<unknown>
  answer: Schema<unknown>
  /** Of the answer; 200 if not told. */
  status?: 202
  /** It answers from a version, and a GET with the version's ETag. */
  versioned: boolean
  problems: readonly ProblemCode[]
}

/** What the guard of all of /v1 may answer instead. */
export const guardProblems: readonly ProblemCode[] = ['unauthorized', 'rate-limited', 'misconfigured']

export const isGuarded = ({ path }: Operation) => path.startsWith('/v1/')

const unready: ProblemCode[] = ['internal', 'nothing-published', 'version-incomplete']
const badBody: ProblemCode[] = ['invalid-json', 'invalid-body', 'body-too-large', 'unsupported-media-type']
const badQuery: ProblemCode[] = ['invalid-k', 'invalid-offset', 'invalid-exclude', 'invalid-category']

/** Everything that the worker answers. */
export const operations: readonly Operation[] = [
  {
    id: 'recommendations',
    method: 'get',
    path: '/v1/users/{id}/recommendations',
    summary: "A user's list; the popular one for a user whom the version does not know.",
    query: { ...queryFields(lengthMax), ...userQueryFields },
    answer: recommendationsAnswer,
    versioned: true,
    problems: [
      'invalid-user-id',
      ...badQuery,
      'invalid-explain',
      'invalid-item-ids',
      'too-many-lookups',
      'key-required',
      'no-fold-in',
      ...unready,
    ],
  },
  {
    id: 'recommendationsByBody',
    method: 'post',
    path: '/v1/users/{id}/recommendations',
    summary: "A user's list, where what is asked is too long for a URL. Not cached.",
    body: userListBody(lengthMax),
    answer: recommendationsAnswer,
    versioned: true,
    problems: ['invalid-user-id', ...badBody, 'too-many-lookups', 'key-required', 'no-fold-in', ...unready],
  },
  {
    id: 'foldIn',
    method: 'post',
    path: '/v1/recommendations',
    summary:
      'A list made from a history alone; the popular one where the version knows none of it. Not cached.',
    body: foldInBody(lengthMax),
    answer: foldInAnswer,
    versioned: true,
    problems: [...badBody, 'too-many-lookups', 'no-fold-in', ...unready],
  },
  {
    id: 'recommendationsOfMany',
    method: 'post',
    path: '/v1/users/recommendations:batch',
    summary: 'The lists of up to 100 users. Not cached.',
    body: batchBody(lengthMax),
    answer: batchAnswer,
    versioned: true,
    problems: [...badBody, 'too-many-lookups', ...unready],
  },
  {
    id: 'history',
    method: 'get',
    path: '/v1/users/{id}/history',
    summary: "A user's newest items, newest first.",
    answer: historyAnswer,
    versioned: true,
    problems: ['invalid-user-id', 'unknown-user', 'no-histories', 'key-required', ...unready],
  },
  {
    id: 'examples',
    method: 'get',
    path: '/v1/examples',
    summary: 'A few users of the version, to look at some list.',
    answer: examplesAnswer,
    versioned: true,
    problems: ['key-required', ...unready],
  },
  {
    id: 'item',
    method: 'get',
    path: '/v1/items/{id}',
    summary: 'What is known of an item.',
    answer: itemAnswer,
    versioned: true,
    problems: ['invalid-item-id', 'unknown-item', ...unready],
  },
  {
    id: 'similar',
    method: 'get',
    path: '/v1/items/{id}/similar',
    summary: 'The items that the users of an item have as well, most similar first.',
    query: queryFields(similarAnswered),
    answer: similarAnswer,
    versioned: true,
    problems: ['invalid-item-id', ...badQuery, 'unknown-item', ...unready],
  },
  {
    id: 'popular',
    method: 'get',
    path: '/v1/popular',
    summary: 'The items that most users have.',
    query: queryFields(lengthMax),
    answer: popularAnswer,
    versioned: true,
    problems: [...badQuery, ...unready],
  },
  {
    id: 'model',
    method: 'get',
    path: '/v1/model',
    summary: 'The description of the version that answers.',
    answer: modelAnswer,
    versioned: true,
    problems: unready,
  },
  {
    id: 'versions',
    method: 'get',
    path: '/v1/versions',
    summary: 'The version that answers, and the one before it where it is still there. Not cached.',
    answer: versionsAnswer,
    versioned: false,
    problems: unready,
  },
  {
    id: 'feedback',
    method: 'post',
    path: '/v1/feedback',
    summary: 'Takes up to 100 events of users, for the next training.',
    body: feedbackBody,
    answer: feedbackAnswer,
    status: 202,
    versioned: false,
    problems: [...badBody, 'feedback-off', 'internal'],
  },
  {
    id: 'live',
    method: 'get',
    path: '/health/live',
    summary: 'The worker runs.',
    answer: liveAnswer,
    versioned: false,
    problems: [],
  },
  {
    id: 'ready',
    method: 'get',
    path: '/health/ready',
    summary: 'The worker has lists to answer from.',
    answer: readyAnswer,
    versioned: false,
    problems: unready,
  },
  {
    id: 'openapi',
    method: 'get',
    path: '/openapi.json',
    summary: 'This document.',
    answer: { json: { type: 'object' }, read: (value) => value },
    versioned: false,
    problems: [],
  },
]
