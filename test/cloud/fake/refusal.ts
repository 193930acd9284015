/** An answer that is an error of the service. */
export class Refusal extends Error {
  readonly code: string
  readonly status: number | undefined

  /** @param status where it is not the one that the service's model gives */
  constructor(code: string, message: string, status?: number) {
    super(message)
    this.code = code
    this.status = status
  }
}
