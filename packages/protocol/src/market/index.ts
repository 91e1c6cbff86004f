export * from './deployment.js';
export { deployDevnetMarket, devnetSettings, type DevnetMarketOptions } from './devnet-market.js';
