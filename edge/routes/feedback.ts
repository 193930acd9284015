import type { Handler } from 'hono'
import type { FeedbackLine } from '../../shared/feedback.ts'
import { type Feedback, type FeedbackAccepted, feedbackBody } from '../descriptions.ts'
import type { AppEnv } from '../env.ts'
import { type Delivery, storeDeliveries } from '../feedback/delivery.ts'
import { freshResponse, type JsonResponse } from '../list-response.ts'
import { ProblemError } from '../problems.ts'
import { checkedBody, jsonBody } from '../request.ts'

/** Clocks differ, but not by more. */
const aheadMsMax = 5 * 60 * 1000

/**
 * `POST /v1/feedback`: what users did, for the next training. Answered when the queue has it, or the bucket where there is
 * no queue: from then on it is not lost.
 */
export function feedback(
  now: () => number,
): Handler<AppEnv, '/v1/feedback', { in: { json: Feedback } }, Promise<JsonResponse<FeedbackAccepted, 202>>> {
  return async (c) => {
    const { events } = checkedBody(feedbackBody, await jsonBody(c))
    const delivery = deliveryOf(events, now())
    const { FEEDBACK_QUEUE: queue, FEEDBACK: bucket } = c.env
    if (queue !== undefined) await queue.send(delivery, { contentType: 'json' })
    else if (bucket !== undefined) await storeDeliveries(bucket, [delivery])
    else throw new ProblemError('feedback-off', 'this worker takes no feedback')
    return freshResponse(c, { accepted: events.length }, 202)
  }
}

function deliveryOf(events: Feedback['events'], receivedAt: number): Delivery {
  const id = crypto.randomUUID()
  const lines = events.map(
    ({ userId, itemId, event, time = receivedAt, recommendationId }, i): FeedbackLine => {
      const ms = typeof time === 'string' ? Date.parse(time) : time
      if (ms > receivedAt + aheadMsMax) {
        throw new ProblemError(
          'invalid-body',
          `body.events[${i}].time: want a time that is not in the future`,
        )
      }
      return {
        user_id: userId,
        item_id: itemId,
        event,
        time: new Date(ms).toISOString(),
        ...(recommendationId !== undefined && { recommendation_id: recommendationId }),
        event_id: `${id}-${i}`,
      }
    },
  )
  return { id, receivedAt, lines }
}
