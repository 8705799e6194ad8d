import { Module } from '@nestjs/common'
import { EssaysController } from './essays/essays.controller'
import { EssaysService } from './essays/essays.service'
import { WordsService } from './essays/words.service'

@Module({
  controllers: [EssaysController],
  providers: [EssaysService, WordsService],
})
export class AppModule {}
