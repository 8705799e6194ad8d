// The structured log, one line of JSON an event, on standard error (standard output belongs to commands' answers).
// Fields whose names promise a secret are removed wherever they stand; payloads are never logged whole.
import { pino } from 'pino'
import { withoutQuery } from './errors.ts'

export type Log = pino.Logger

export function createLog(level: string): Log {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: {
        paths: [
          '*.authorization',
          '*.token',
          '*.privateKey',
          '*.secret',
          '*.headers',
          'authorization',
          'token',
          'headers',
        ],
        remove: true,
      },
      serializers: { error: serializeError },
    },
    pino.destination({ dest: 2, sync: true }),
  )
}

function serializeError(error: unknown): unknown {
  const reason = withoutQuery(error)
  return reason instanceof Error ? pino.stdSerializers.err(reason) : reason
}
