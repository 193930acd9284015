import { Hono } from 'hono'
import type { AppEnv } from './env.ts'
import { cors } from './guard/cors.ts'
import { guard } from './guard/guard.ts'
import { IsolateCache } from './isolate-cache.ts'
import { type WriteLog, writeToConsole } from './log/log.ts'
import { traced } from './log/traced.ts'
import { methodNotAllowed, notFound, problemOf } from './problems.ts'
import { examples } from './routes/examples.ts'
import { feedback } from './routes/feedback.ts'
import { foldIn } from './routes/fold-in.ts'
import { live, ready } from './routes/health.ts'
import { history } from './routes/history.ts'
import { item } from './routes/item.ts'
import { model } from './routes/model.ts'
import { openapi } from './routes/openapi.ts'
import { page } from './routes/page.ts'
import { popular } from './routes/popular.ts'
import { recommendations, recommendationsByBody, recommendationsOfMany } from './routes/recommendations.ts'
import { similar } from './routes/similar.ts'
import { versionsInUse } from './routes/versions.ts'
import { TwoHalvesRouter } from './two-halves-router.ts'
import { Versions } from './versions.ts'

export interface AppOptions {
  /** Milliseconds since 1970. */
  now?: () => number
  /** Where log lines go; to the console if not given. */
  write?: WriteLog
  /** How much the isolate keeps of what it read; 0 for nothing. */
  cacheBytes?: number
}

/**
 * The worker's routes and the types of what they take and answer, for hono's client.
 *
 * @example
 * const client = hc<AppType>('https://lists.example.org')
 * const answer = await client.v1.popular.$get({ query: { k: '3' } })
 */
export type AppType = ReturnType<typeof createApp>

/** The worker's routes. What it caches lives in the app, so an isolate makes one and keeps it. */
export function createApp({ now = Date.now, write = writeToConsole, cacheBytes }: AppOptions = {}) {
  const versions = new Versions(now, new IsolateCache(cacheBytes))
  const app = new Hono<AppEnv>({ router: new TwoHalvesRouter() })

  // Around every route, in this order.
  app.use(traced(now, write))
  for (const path of ['/v1/*', '/health/*', '/openapi.json']) app.use(path, cors())
  app.use('/v1/*', guard('program'))
  for (const path of ['/', '/page/*']) app.use(path, guard('browser'))

  // One chain: hono's client reads the routes from its type.
  const routes = app
    .get('/v1/users/:id/recommendations', recommendations(versions))
    .post('/v1/users/:id/recommendations', recommendationsByBody(versions))
    .post('/v1/users/recommendations:batch', recommendationsOfMany(versions))
    .post('/v1/recommendations', foldIn(versions))
    .get('/v1/users/:id/history', history(versions))
    .get('/v1/examples', examples(versions))
    .get('/v1/items/:id', item(versions))
    .get('/v1/items/:id/similar', similar(versions))
    .get('/v1/popular', popular(versions))
    .get('/v1/model', model(versions))
    .post('/v1/feedback', feedback(now))
    .get('/v1/versions', versionsInUse(versions))
    .get('/health/live', live)
    .get('/health/ready', ready(versions, now))
    .get('/openapi.json', openapi)
    .get('/', page)
    .get('/page/:file', page)

  // Other methods on the same paths; hono answers HEAD where there is a GET.
  const answered = app.routes.filter(({ method }) => method !== 'ALL')
  for (const [path, ofPath] of Map.groupBy(answered, (route) => route.path)) {
    const methods = ofPath.map(({ method }) => method)
    app.all(path, methodNotAllowed(methods.flatMap((m) => (m === 'GET' ? ['GET', 'HEAD'] : [m])).join(', ')))
  }
  app.notFound(notFound)
  app.onError(problemOf)
  return routes
}
