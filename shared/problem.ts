/** A problem's `type` is a name, not a page to fetch. */
const typePrefix = 'urn:nightjar:problem:'

export const problemContentType = 'application/problem+json'

/** What a client can test: stable, lower case. `docs/reference/api.md` lists them. */
export type ProblemCode =
  | 'invalid-k'
  | 'invalid-user-id'
  | 'not-found'
  | 'method-not-allowed'
  | 'nothing-published'
  | 'version-incomplete'
  | 'internal'

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

const kinds: Record<ProblemCode, { status: number; title: string }> = {
  'invalid-k': { status: 400, title: 'Invalid k' },
  'invalid-user-id': { status: 400, title: 'Invalid user id' },
  'not-found': { status: 404, title: 'Not found' },
  'method-not-allowed': { status: 405, title: 'Method not allowed' },
  'nothing-published': { status: 503, title: 'Nothing published' },
  'version-incomplete': { status: 503, title: 'Version incomplete' },
  internal: { status: 500, title: 'Internal error' },
}

export function problem(code: ProblemCode, detail: string): Problem {
  const { status, title } = kinds[code]
  return { type: `${typePrefix}${code}`, title, status, detail, code }
}
