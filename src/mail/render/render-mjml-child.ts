/**
 * MJML in a process of its own; see render-mjml.ts. Ends when its parent lets go of it, or dies.
 */
import mjml2html from 'mjml'
import type { Answer, RenderRequest } from './render-mjml.ts'

process.on('message', async ({ id, source }: RenderRequest) => {
  // A parent that was killed meanwhile wants no answer.
  process.send?.(await answerTo(id, source), () => {})
})
// Ctrl-C in a terminal reaches children too; the parent may still have mails to finish.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {})

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
