import { initTRPC } from '@trpc/server'
import scoreAnswers from './defer/score-answers.ts'
import { Answers } from './quiz.ts'

const t = initTRPC.create()

export const appRouter = t.router({
  submit: t.procedure.input(Answers).mutation(async ({ input }) => {
    const { id } = await scoreAnswers(input)
    return { execution: id }
  }),
})

export type AppRouter = typeof appRouter
