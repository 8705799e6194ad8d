import 'reflect-metadata'
import { defer } from '@defer/client'
import { Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { EssaysService } from '../essays/essays.service'
import { WordsService } from '../essays/words.service'

// Without the controllers, which would import this function again.
@Module({ providers: [EssaysService, WordsService] })
class JobsModule {}

async function gradeEssay(text: string) {
  const app = await NestFactory.createApplicationContext(JobsModule, { logger: ['error'] })
  try {
    return app.get(EssaysService).grade(text)
  } finally {
    await app.close()
  }
}

export default defer(gradeEssay, { concurrency: 5 })
