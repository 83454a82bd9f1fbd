/**
 * `npm run bench`: how fast mail goes out (run.ts), or with an option what a launch, a large
 * ledger, many articles or the bounces of a day cost, or how the tables of a month bloat.
 */
const part = ['launch', 'operator', 'articles', 'bounces', 'bloat'].find((name) =>
  process.argv.includes(`--${name}`),
)
await import(part ? `./${part}/run.ts` : './run.ts')
