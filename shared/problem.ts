/** A problem's `type` is a name, not a page to fetch. */
const typePrefix = 'urn:nightjar:problem:'

export const problemContentType = 'application/problem+json'

/** Problem details for HTTP APIs, RFC 9457, with our stable `code`. */
export interface Problem {
  type: string
  /** The same for every problem of a code. */
  title: string
  status: number
  /** What is wrong with this request. Never an internal path, key or stack. */
  detail: string
  code: ProblemCode
}

/** What a client can test: stable, lower case. `docs/reference/api.md` lists them. */
export type ProblemCode = keyof typeof problemKinds

/** What all problems of a code have in common. */
export const problemKinds = {
  'invalid-k': { status: 400, title: 'Invalid k' },
  'invalid-offset': { status: 400, title: 'Invalid offset' },
  'invalid-exclude': { status: 400, title: 'Invalid exclude' },
  'invalid-category': { status: 400, title: 'Invalid category' },
  'invalid-explain': { status: 400, title: 'Invalid explain' },
  'invalid-item-ids': { status: 400, title: 'Invalid item ids' },
  'invalid-user-id': { status: 400, title: 'Invalid user id' },
  'invalid-item-id': { status: 400, title: 'Invalid item id' },
  'invalid-json': { status: 400, title: 'Invalid JSON' },
  'invalid-body': { status: 400, title: 'Invalid body' },
  'too-many-lookups': { status: 400, title: 'Too many look-ups' },
  unauthorized: { status: 401, title: 'Unauthorized' },
  'key-required': { status: 403, title: 'Key required' },
  'not-found': { status: 404, title: 'Not found' },
  'unknown-user': { status: 404, title: 'Unknown user' },
  'no-fold-in': { status: 404, title: 'No fold-in component' },
  'unknown-item': { status: 404, title: 'Unknown item' },
  'feedback-off': { status: 404, title: 'Feedback off' },
  'no-histories': { status: 404, title: 'No histories' },
  'method-not-allowed': { status: 405, title: 'Method not allowed' },
  'body-too-large': { status: 413, title: 'Body too large' },
  'unsupported-media-type': { status: 415, title: 'Unsupported media type' },
  'rate-limited': { status: 429, title: 'Rate limited' },
  internal: { status: 500, title: 'Internal error' },
  misconfigured: { status: 500, title: 'Misconfigured' },
  'nothing-published': { status: 503, title: 'Nothing published' },
  'version-incomplete': { status: 503, title: 'Version incomplete' },
} as const satisfies Record<string, { status: number; title: string }>

export function problem(code: ProblemCode, detail: string): Problem {
  const { status, title } = problemKinds[code]
  return { type: `${typePrefix}${code}`, title, status, detail, code }
}
