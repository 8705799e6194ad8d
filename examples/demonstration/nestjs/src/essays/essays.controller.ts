import { Body, Controller, HttpCode, Post } from '@nestjs/common'
import gradeEssay from '../defer/grade-essay'

@Controller('essays')
export class EssaysController {
  @Post()
  @HttpCode(202)
  async create(@Body('text') text: string) {
    const { id } = await gradeEssay(text)
    return { id }
  }
}
