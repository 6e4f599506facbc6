/** `npm run test:live` names the stack that the controllers of Flux run in. */
export const isLive = process.env['FLUX_PROMOTE_LIVE_STACK'] !== undefined;
