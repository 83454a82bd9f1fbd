import type { Theme } from '../domain/theme.ts'

/** The words of a theme, each as `line` sets it. */
export function themeInPrint(theme: Theme, line: (text: string) => string): Theme {
  const { logoAlt, footer } = theme
  return {
    ...theme,
    ...(logoAlt !== undefined && { logoAlt: line(logoAlt) }),
    ...(footer !== undefined && { footer: line(footer) }),
  }
}
