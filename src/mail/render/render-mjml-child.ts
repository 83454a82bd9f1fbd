/**
 * MJML in a process of its own; see render-mjml.ts. Ends when its parent lets go of it, or dies.
 */
import module from 'node:module'
import type { Answer, RenderRequest } from './render-mjml.ts'

// Ctrl-C in a terminal reaches children too; the parent may still have mails to finish.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {})

// MJML is most of what this process does: compiled before, it is there in two thirds of the time.
module.enableCompileCache()
const { default: mjml2html } = await import('mjml')

process.on('message', async ({ id, source }: RenderRequest) => {
  // A parent that was killed meanwhile wants no answer.
  // Whoever has no more to render kills it, and what it has compiled would be lost.
  process.send?.(await answerTo(id, source), () => module.flushCompileCache())
})

async function answerTo(id: number, source: string): Promise<Answer> {
  try {
    const { html } = await mjml2html(source, {
      validationLevel: 'strict',
      keepComments: false,
      fonts: {},
    })
    return { id, html }
  } catch (error) {
    return { id, fault: error instanceof Error ? error.message : String(error) }
  }
}
