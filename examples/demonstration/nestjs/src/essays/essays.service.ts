import { Injectable } from '@nestjs/common'
import { WordsService } from './words.service'

@Injectable()
export class EssaysService {
  constructor(private readonly words: WordsService) {}

  grade(text: string): { words: number; grade: string } {
    const words = this.words.count(text)
    return { words, grade: words >= 5 ? 'A' : 'B' }
  }
}
