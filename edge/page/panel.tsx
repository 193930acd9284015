import type { Child, PropsWithChildren } from 'hono/jsx'
import { Notice, Waiting } from './notice.tsx'
import type { Asked } from './use-answer.ts'

interface PanelProps {
  /** Its id in the document; the heading's is made from it. */
  id: string
  title: Child
  /** Beside the heading. */
  aside?: Child
  busy?: boolean
}

/** A part of the page with a heading of its own, which is also its name. */
export function Panel({ id, title, aside, busy, children }: PropsWithChildren<PanelProps>) {
  return (
    <section id={id} class="panel" aria-labelledby={`${id}-title`} aria-busy={busy ? 'true' : 'false'}>
      <div class="panel-head">
        <h2 id={`${id}-title`} tabindex={-1}>
          {title}
        </h2>
        {aside}
      </div>
      {children}
    </section>
  )
}

interface AnsweredProps<T> {
  asked: Asked<T>
  lacks?: string
  lines?: number
  children: (answer: T) => Child
}

/** What was answered, or grey lines until it is there, or the problem. */
export function Answered<T>({ asked, lacks, lines = 6, children }: AnsweredProps<T>): Child {
  const { answer, refusal, again } = asked
  if (refusal !== undefined) {
    return <Notice refusal={refusal} again={again} {...(lacks !== undefined && { lacks })} />
  }
  return answer === undefined ? <Waiting lines={lines} /> : children(answer)
}
