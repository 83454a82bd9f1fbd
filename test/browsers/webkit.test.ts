import { journeysIn } from './journeys.ts'
import { openWebKit } from './webkit.ts'

journeysIn('webkit', openWebKit)
