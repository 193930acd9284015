import type { Refusal } from './ask.ts'

/** What to do about a problem, where the page knows more than its text says. */
const nextSteps: Record<string, string> = {
  unreachable: 'See whether the worker still runs and whether this machine is online.',
  'nothing-published': 'Publish a run, then try again: npx nightjar publish RUN --to local',
  'version-incomplete': 'A publication takes up to a minute to arrive everywhere.',
  'unknown-user':
    'Ids are exact: capitals and blanks count. A user who came after the last training has no list yet.',
  'unknown-item': 'Ids are exact: capitals and blanks count. It may also be hidden.',
  'key-required':
    'Set API_KEYS on the worker, and open this page again with one of the keys as the password.',
  'rate-limited': 'Wait a moment.',
  internal: 'The reason stands in the log of the worker: npx wrangler tail',
}

interface NoticeProps {
  refusal: Refusal
  again: () => void
  /** What this worker lacks where the route is not there: an older worker, with a newer page. */
  lacks?: string
}

/** A problem, in the worker's own words, with the next step. */
export function Notice({ refusal, again, lacks }: NoticeProps) {
  const { code, title, detail, status } = refusal
  if (code === 'not-found' && lacks !== undefined) {
    return <p class="empty">This worker has no {lacks}.</p>
  }
  const passing = status === 0 || status === 429 || status >= 500
  return (
    <div class={passing ? 'notice' : 'notice mild'} role={passing ? 'alert' : undefined}>
      <p class="notice-title">{title}</p>
      <p>{detail}</p>
      {nextSteps[code] !== undefined && <p class="next">{nextSteps[code]}</p>}
      {passing && (
        <button type="button" onClick={again}>
          Try again
        </button>
      )}
    </div>
  )
}

/** Grey lines in the place of what is on its way. */
export function Waiting({ lines }: { lines: number }) {
  return (
    <div class="waiting" aria-hidden="true">
      {Array.from({ length: lines }, () => (
        <span />
      ))}
    </div>
  )
}
