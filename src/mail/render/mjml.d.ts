declare module 'mjml' {
  export default function mjml2html(
    mjml: string,
    options?: {
      validationLevel?: 'strict' | 'soft' | 'skip'
      keepComments?: boolean
      fonts?: Record<string, string>
    },
  ): Promise<{ html: string; errors: { formattedMessage: string }[] }>
}
