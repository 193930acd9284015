import { type Handler, Hono } from 'hono'
import type { AppEnv } from './env.ts'
import { methodNotAllowed, notFound, problemOf } from './problems.ts'
import { live, ready } from './routes/health.ts'
import { model } from './routes/model.ts'
import { popular } from './routes/popular.ts'
import { recommendations } from './routes/recommendations.ts'
import { Versions } from './versions.ts'

export interface AppOptions {
  /** Milliseconds since 1970. */
  now?: () => number
}

/** The worker's routes. What it caches lives in the app, so an isolate makes one and keeps it. */
export function createApp({ now = Date.now }: AppOptions = {}): Hono<AppEnv> {
  const versions = new Versions(now)
  const app = new Hono<AppEnv>()
  app.use(async (c, next) => {
    await next()
    c.header('X-Content-Type-Options', 'nosniff')
  })

  const get = (path: string, handler: Handler<AppEnv>) => {
    app.get(path, handler)
    app.all(path, methodNotAllowed)
  }
  get('/v1/users/:id/recommendations', recommendations(versions))
  get('/v1/popular', popular(versions))
  get('/v1/model', model(versions))
  get('/health/live', live)
  get('/health/ready', ready(versions, now))

  app.notFound(notFound)
  app.onError(problemOf)
  return app
}
