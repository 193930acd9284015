import type { Context, Handler } from 'hono'
import type { AppEnv } from '../env.ts'
import type { Versions } from '../versions.ts'

/** What `GET /health/ready` answers, where there is a version to answer from. */
interface Ready {
  status: 'ready'
  versionId: string
  /** Since when it is the served one, ISO 8601. */
  publishedAt: string
  /** Since its training began. */
  ageSeconds: number
}

/** The worker runs; it says nothing of the lists. */
export function live(c: Context): Response {
  c.header('Cache-Control', 'no-store')
  return c.json({ status: 'live' })
}

/** The worker has lists to answer from; a 503 problem where it has none. */
export function ready(versions: Versions, now: () => number): Handler<AppEnv> {
  return (c) =>
    versions.answer(c.env.LISTS, async ({ meta }, { publishedAt }) => {
      c.header('Cache-Control', 'no-store')
      const ageSeconds = Math.max(0, Math.round((now() - Date.parse(meta.trainedAt)) / 1000))
      return c.json({ status: 'ready', versionId: meta.versionId, publishedAt, ageSeconds } satisfies Ready)
    })
}
