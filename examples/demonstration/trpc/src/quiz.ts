import { z } from 'zod'

export const Answers = z.object({
  quiz: z.string(),
  given: z.array(z.number().int().min(0)).max(100),
})
export type Answers = z.infer<typeof Answers>

const solutions: Record<string, number[]> = { capitals: [2, 0, 3] }

export function scoreOf({ quiz, given }: Answers): number {
  return (solutions[quiz] ?? []).filter((solution, index) => given[index] === solution).length
}
