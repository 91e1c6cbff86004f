export { findAnvil } from './find-anvil.js';
export { CHAIN_ID, type DevnetOptions } from './anvil-options.js';
export { connect } from './connect.js';
export { devnetAccounts, devnetKeys } from './accounts.js';
export { startDevnet, type Devnet } from './start-devnet.js';
export { devnetDown, devnetFolder, devnetStatus, devnetUp, type DevnetRecord } from './background.js';
export { passTime } from './pass-time.js';
export { startMarketDevnet, type MarketDevnet } from './start-market-devnet.js';
export { fundOnDevnet } from './fund-on-devnet.js';
