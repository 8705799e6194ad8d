// The child process that compiles decorated classes: one file a message, in order. It is apart from the builder because the
// compiler is native code that ends its process on sources nested deeply enough (10,000 brackets).
import { transform } from '@swc/core'
import { z } from 'zod'

const Task = z.object({ name: z.string(), text: z.string(), defineFields: z.boolean() })
export type Task = z.infer<typeof Task>

async function compile({ name, text, defineFields }: Task) {
  const { code, map } = await transform(text, {
    swcrc: false,
    configFile: false,
    filename: name,
    sourceFileName: name,
    sourceMaps: true,
    isModule: true,
    jsc: {
      // Everything else about the language stays for the bundler.
      target: 'esnext',
      parser: { syntax: 'typescript', decorators: true, tsx: name.endsWith('x') },
      transform: {
        legacyDecorator: true,
        decoratorMetadata: true,
        useDefineForClassFields: defineFields,
        react: { runtime: 'preserve' },
      },
    },
  })
  return { code, map: map ?? '' }
}

process.on('message', message => {
  compile(Task.parse(message)).then(
    compiled => process.send?.(compiled),
    error => process.send?.({ error: error instanceof Error ? error.message : String(error) }),
  )
})
process.on('disconnect', () => process.exit())
