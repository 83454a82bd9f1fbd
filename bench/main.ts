/**
 * `npm run bench`: how fast mail goes out (run.ts), or with an option what a launch, a large
 * ledger or many articles cost.
 */
const part = ['launch', 'operator', 'articles'].find((name) => process.argv.includes(`--${name}`))
await import(part ? `./${part}/run.ts` : './run.ts')
