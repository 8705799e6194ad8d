import { Injectable } from '@nestjs/common'

@Injectable()
export class WordsService {
  count(text: string): number {
    return text.split(/\s+/).filter(Boolean).length
  }
}
