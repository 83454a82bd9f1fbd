/**
 * `npm run bench`: how fast mail goes out (run.ts), or with an option what a launch or a large
 * ledger costs.
 */
const part = ['launch', 'operator'].find((name) => process.argv.includes(`--${name}`))
await import(part ? `./${part}/run.ts` : './run.ts')
