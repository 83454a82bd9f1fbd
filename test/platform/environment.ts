/** The faults of an environment, and an environment that has none. */
import { ConfigError, type Env, readConfig } from '../../src/platform/config.ts'

/** The faults of an environment; none if it can be used. */
export function faultsOf(env: Env): readonly string[] {
  try {
    readConfig(env)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.faults
    throw error
  }
}

export const PRODUCTION: Env = {
  NODE_ENV: 'production',
  PUBLIC_URL: 'https://courses.example',
  SECRET_KEY: 'sixteen letters!',
  POSTAL_ADDRESS: '1 Test Lane, Testville',
  SMTP_URL: 'smtp://localhost:25',
  MAIL_FROM: 'Dawnpost <morning@courses.example>',
}
