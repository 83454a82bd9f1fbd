/** MJML in its own process; see render-mjml.ts. Ends when its parent disconnects or dies. */
import module from 'node:module'
import type { RenderRequest, RenderResponse } from './render-mjml.ts'

// Ctrl-C in a terminal reaches children too; the parent may still have mails to finish.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {})

// Most of this process is MJML: with the compile cache it starts in two thirds of the time.
module.enableCompileCache()
const { default: mjml2html } = await import('mjml')

process.on('message', async ({ id, source }: RenderRequest) => {
  // No answer is needed if the parent was killed. The cache is flushed after each answer, because a
  // parent that has no more to render kills this process, and what it has compiled would be lost.
  process.send?.(await answerTo(id, source), () => module.flushCompileCache())
})

async function answerTo(id: number, source: string): Promise<RenderResponse> {
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
