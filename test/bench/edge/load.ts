import { connect, type Socket } from 'node:net'

/** Enough that the worker always has a request waiting, few enough that it is not about waiting. */
const connections = 8

/**
 * Asks for the paths, each once, over some connections that stay open.
 *
 * @throws where an answer is not 200
 */
export async function ask(
  port: number,
  paths: readonly string[],
  headers: Record<string, string>,
): Promise<void> {
  const head = Object.entries({ Host: '127.0.0.1', ...headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  )
  const left = [...paths]
  const sockets = Array.from({ length: connections }, () => connect(port, '127.0.0.1').setNoDelay())
  await Promise.all(
    sockets.map(async (socket) => {
      for (let path = left.pop(); path !== undefined; path = left.pop()) {
        socket.write(`GET ${path} HTTP/1.1\r\n${head.join('')}\r\n`)
        const status = await answered(socket)
        if (status !== '200') throw new Error(`${path}: ${status}`)
      }
    }),
  ).finally(() => {
    for (const socket of sockets) socket.destroy()
  })
}

/** The status of the answer that comes next, when it is there to its last byte. */
function answered(socket: Socket): Promise<string> {
  return new Promise((done, failed) => {
    let text = ''
    const stop = () => {
      socket.off('data', onData)
      socket.off('close', onClose)
    }
    const onData = (chunk: Buffer) => {
      text += chunk.toString('latin1')
      const end = text.indexOf('\r\n\r\n')
      if (end < 0) return
      const length = /\r\ncontent-length: (\d+)/i.exec(text)?.[1]
      if (length === undefined) {
        stop()
        failed(new Error(`an answer without its length: ${text.slice(0, 200)}`))
      } else if (text.length >= end + 4 + Number(length)) {
        stop()
        done(text.slice(9, 12))
      }
    }
    const onClose = () => {
      stop()
      failed(new Error('the worker closed the connection'))
    }
    socket.on('data', onData)
    socket.on('close', onClose)
  })
}
