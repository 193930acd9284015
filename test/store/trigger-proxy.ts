import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'

/** A way to a server that calls back once so many bytes have come down through it: a moment that no sleep hits for sure. */
export class TriggerProxy {
  readonly endpoint: string
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(server: Server, sockets: Set<Socket>) {
    this.#server = server
    this.#sockets = sockets
    this.endpoint = `http://127.0.0.1:${(server.address() as { port: number }).port}`
  }

  static async start(target: string, bytes: number, trigger: () => void): Promise<TriggerProxy> {
    const sockets = new Set<Socket>()
    const { hostname, port } = new URL(target)
    let left = bytes
    const server = createServer((near) => {
      const far = connect(Number(port), hostname)
      for (const socket of [near, far]) {
        sockets.add(socket)
        socket.on('error', () => {}).on('close', () => sockets.delete(socket))
      }
      far.on('close', () => near.destroy())
      near.on('close', () => far.destroy())
      near.pipe(far)
      far.on('data', (chunk) => {
        if (left <= 0) return
        left -= chunk.length
        if (left <= 0) trigger()
      })
      far.pipe(near)
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    return new TriggerProxy(server, sockets)
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
  }
}
