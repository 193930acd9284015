import { useEffect, useState } from 'hono/jsx/dom'
import { ask, type Question, type Refusal, RefusedError } from './ask.ts'

/** How far a question has come. While a new one is on its way, the answer to the last one stays. */
export interface Asked<T> {
  loading: boolean
  answer?: T
  refusal?: Refusal
  again(): void
}

/**
 * The worker's answer to a question, asked anew whenever the question is another one.
 *
 * @param question undefined for none: then there is no answer either
 * @param waitMs how long the question must have stood still, where it changes with every click
 */
export function useAnswer<T>(question: Question | undefined, waitMs = 0): Asked<T> {
  const key = question === undefined ? undefined : JSON.stringify(question)
  const [found, setFound] = useState<{ key?: string; answer?: T; refusal?: Refusal }>({})
  const [tries, setTries] = useState(0)
  const again = () => setTries((count) => count + 1)

  useEffect(() => {
    if (question === undefined || key === undefined) return setFound({})
    const abort = new AbortController()
    const timer = setTimeout(async () => {
      try {
        setFound({ key, answer: await ask<T>(question, abort.signal) })
      } catch (error) {
        if (abort.signal.aborted) return
        if (!(error instanceof RefusedError)) throw error
        setFound({ key, refusal: error.refusal })
      }
    }, waitMs)
    return () => {
      clearTimeout(timer)
      abort.abort()
    }
  }, [key, tries])

  if (key === undefined) return { loading: false, again }
  const { answer, refusal } = found
  return {
    loading: found.key !== key,
    ...(answer !== undefined && { answer }),
    ...(refusal !== undefined && found.key === key && { refusal }),
    again,
  }
}
