import { once } from 'node:events'
import type { Command } from 'commander'
import { throwIfCancelled, UsageError } from '../../errors.ts'
import { LocalKv } from '../../publish/local-kv.ts'
import { exampleUser, pageUrl, recommendationsPath } from '../../serve/example-user.ts'
import { startLocalServer, usualPort } from '../../serve/local-server.ts'
import { action, command, wholeNumber } from '../command.ts'

interface ServeFlags {
  port?: number
  /** The local KV's folder, not the place; undefined for that of this project. */
  at?: string
}

export function serveCommand(): Command {
  return command(
    'serve',
    'serve the published lists on this machine until Ctrl-C',
    'nightjar serve\nnightjar serve --at local:work/kv --port 9000',
  )
    .option(
      '--port <n>',
      `port on 127.0.0.1 (default: ${usualPort}, or a free one)`,
      wholeNumber('port', 0, 65535),
    )
    .option('--at <place>', 'local or local:STATE_FOLDER (default: local)', stateFolderAt)
    .action(
      action(async ({ signal, progress, result }, { port, at: state }: ServeFlags) => {
        const user = await userToTry(state)
        const server = await startLocalServer({
          ...(port === undefined ? {} : { port }),
          ...(state === undefined ? {} : { state }),
        })
        try {
          throwIfCancelled(signal)
          const { url } = server
          if (port === undefined && server.port !== usualPort) progress.note(`port ${usualPort} is taken`)
          result({ url }, () => describe(url, user, state))
          await once(signal, 'abort')
        } finally {
          await server.close()
        }
      }),
    )
}

async function userToTry(state: string | undefined): Promise<string | undefined> {
  const target = new LocalKv(state)
  try {
    return await exampleUser(target)
  } finally {
    await target.close()
  }
}

function describe(url: string, user: string | undefined, state: string | undefined): string {
  const lines =
    user === undefined
      ? [
          `nothing is published there yet; while this runs: nightjar publish RUN --to local${state === undefined ? '' : `:${state}`}`,
        ]
      : [
          `page    ${pageUrl(url, user)}`,
          `try     curl '${url}${recommendationsPath(user)}?k=10'`,
          `health  curl ${url}/health/ready`,
        ]
  return [`serving ${url}`, ...lines, 'Ctrl-C stops it'].join('\n')
}

/** The folder of a local KV; undefined for that of this project. */
function stateFolderAt(place: string): string | undefined {
  if (place === 'local') return undefined
  const folder = place.startsWith('local:') ? place.slice('local:'.length) : ''
  if (folder !== '') return folder
  throw new UsageError(
    `invalid --at: ${place} (want local or local:STATE_FOLDER)`,
    'what is published at Cloudflare is served by the worker there: docs/how-to/serve.md',
  )
}
