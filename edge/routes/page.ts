import type { Context } from 'hono'
import type { AppEnv } from '../env.ts'
import { mayShowHistories } from '../guard/histories.ts'
import { notFound } from '../problems.ts'

/**
 * Scripts, styles and images come from here alone, nothing inline, and no other site may frame the page: what a
 * title or an id of the data says can at worst be read.
 */
const contentSecurityPolicy =
  "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

/**
 * `GET /` and `GET /page/:file`: the page to look at lists with, from the files that were deployed beside the worker.
 *
 * They are no part of its bundle. They pass through the worker so that it can refuse them as it refuses histories.
 */
export async function page(c: Context<AppEnv>): Promise<Response> {
  mayShowHistories(c)
  const found = await c.env.PAGE?.fetch(c.req.raw)
  // Neither a deployment without the files nor a wrong name should show the platform's own page of errors.
  if (found === undefined || (!found.ok && found.status !== 304)) return notFound(c)
  // By hono's own hand, which adds what every answer has.
  return c.body(
    found.body as ReadableStream,
    found.status as 200,
    Object.fromEntries(headersFor(found.headers)),
  )
}

function headersFor(asset: Headers): Headers {
  const headers = new Headers(asset)
  headers.set('Content-Security-Policy', contentSecurityPolicy)
  // Addresses of the page hold user ids.
  headers.set('Referrer-Policy', 'no-referrer')
  // Asked for again each time, answered by 304: after a deployment page and script are of one build.
  headers.set('Cache-Control', 'private, no-cache')
  return headers
}
