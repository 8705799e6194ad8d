import { defer } from '@defer/client'
import { Answers, scoreOf } from '../quiz.ts'

async function scoreAnswers(answers: Answers) {
  const checked = Answers.parse(answers)
  return { quiz: checked.quiz, score: scoreOf(checked) }
}

export default defer(scoreAnswers, { retry: 2 })
