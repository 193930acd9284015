import { once } from 'node:events'
import type { Command } from 'commander'
import { throwIfCancelled, UsageError } from '../../errors.ts'
import { LocalKv } from '../../publish/local-kv.ts'
import { exampleUser, pageUrl, recommendationsPath } from '../../serve/example-user.ts'
import { startLocalServer, usualPort } from '../../serve/local-server.ts'
import { action, command, wholeNumber } from '../command.ts'

interface ServeFlags {
  port?: number
  state?: string
  json?: boolean
}

export function serveCommand(): Command {
  return command(
    'serve',
    'serve the published lists on this machine until Ctrl-C',
    'nightjar serve\nnightjar serve --port 9000',
  )
    .option(
      '--port <n>',
      `port on 127.0.0.1 (default: ${usualPort}, or a free one)`,
      wholeNumber('port', 0, 65535),
    )
    .option(
      '--state <folder>',
      "the local KV's folder (default: .wrangler/state beside wrangler.toml)",
      aFolder,
    )
    .action(
      action(async ({ signal, progress }, { port, state, json }: ServeFlags) => {
        const user = await userToTry(state)
        const server = await startLocalServer({
          ...(port === undefined ? {} : { port }),
          ...(state === undefined ? {} : { state }),
        })
        try {
          throwIfCancelled(signal)
          const { url } = server
          if (port === undefined && server.port !== usualPort) progress.note(`port ${usualPort} is taken`)
          process.stdout.write(json === true ? `${JSON.stringify({ url })}\n` : describe(url, user))
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

function describe(url: string, user: string | undefined): string {
  const lines =
    user === undefined
      ? ['nothing is published there yet; while this runs: nightjar publish RUN --to local']
      : [
          `page    ${pageUrl(url, user)}`,
          `try     curl '${url}${recommendationsPath(user)}?k=10'`,
          `health  curl ${url}/health/ready`,
        ]
  return `${[`serving ${url}`, ...lines, 'Ctrl-C stops it'].join('\n')}\n`
}

function aFolder(text: string): string {
  if (text !== '') return text
  throw new UsageError('invalid state folder: it is empty (want a folder)')
}
