// Where a function demands a signed request (skip_signing: false) before it is invoked. This is the one place that decides it.
// Until a request can carry a signature, such a function is not invoked here at all: an API key alone is less than it asked for.
import type { FastifyRequest } from 'fastify'
import { AppError } from '../../errors.ts'
import { type LifecycleContext, namedFunction } from '../lifecycle/context.ts'

type InvokeRequest = FastifyRequest<{ Params: { id: string } }>

/** To be added as a preHandler. `rawBody`: the bytes as they came, which a signature is of. */
export function demandSignature(context: LifecycleContext, _rawBody: (request: FastifyRequest) => Buffer) {
  return async (request: InvokeRequest): Promise<void> => {
    const { one } = await namedFunction(context, request)
    if (one.skipSigning) return
    throw new AppError(
      'forbidden',
      `${one.name} demands signed requests, which this server does not take yet. Enqueue it with an environment's token, or initialise a function with "skip_signing": true.`,
      { reason: 'signature_required' },
    )
  }
}
