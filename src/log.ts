// The structured log, one line of JSON an event, on standard error (standard output belongs to commands' answers).
// Fields whose names promise a secret are removed wherever they stand; payloads are never logged whole.
import { pino } from 'pino'

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
      serializers: { error: pino.stdSerializers.err },
    },
    pino.destination({ dest: 2, sync: true }),
  )
}
