import type { Theme } from '../domain/theme.ts'

/** Applies `line` to the words of a theme. */
export function typographicTheme(theme: Theme, line: (text: string) => string): Theme {
  const { logoAlt, footer } = theme
  return {
    ...theme,
    ...(logoAlt !== undefined && { logoAlt: line(logoAlt) }),
    ...(footer !== undefined && { footer: line(footer) }),
  }
}
