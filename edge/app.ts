import { Hono } from 'hono'
import type { AppEnv } from './env.ts'
import { methodNotAllowed, notFound, problemOf } from './problems.ts'
import { live, ready } from './routes/health.ts'
import { item } from './routes/item.ts'
import { model } from './routes/model.ts'
import { openapi } from './routes/openapi.ts'
import { popular } from './routes/popular.ts'
import { recommendations, recommendationsByBody, recommendationsOfMany } from './routes/recommendations.ts'
import { Versions } from './versions.ts'

export interface AppOptions {
  /** Milliseconds since 1970. */
  now?: () => number
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
export function createApp({ now = Date.now }: AppOptions = {}) {
  const versions = new Versions(now)
  const app = new Hono<AppEnv>()
  app.use(async (c, next) => {
    await next()
    c.header('X-Content-Type-Options', 'nosniff')
  })

  // One chain: hono's client reads the routes from its type.
  const routes = app
    .get('/v1/users/:id/recommendations', recommendations(versions))
    .post('/v1/users/:id/recommendations', recommendationsByBody(versions))
    .post('/v1/users/recommendations:batch', recommendationsOfMany(versions))
    .get('/v1/items/:id', item(versions))
    .get('/v1/popular', popular(versions))
    .get('/v1/model', model(versions))
    .get('/health/live', live)
    .get('/health/ready', ready(versions, now))
    .get('/openapi.json', openapi)

  // Other methods on the same paths; hono answers HEAD where there is a GET.
  for (const path of new Set(app.routes.map((route) => route.path).filter((path) => path !== '/*'))) {
    const methods = app.routes.filter((route) => route.path === path).map((route) => route.method)
    app.all(path, methodNotAllowed(methods.flatMap((m) => (m === 'GET' ? ['GET', 'HEAD'] : [m])).join(', ')))
  }
  app.notFound(notFound)
  app.onError(problemOf)
  return routes
}
