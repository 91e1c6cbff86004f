export { findAnvil } from './find-anvil.js';
export type { DevnetOptions } from './anvil-options.js';
export { connect } from './connect.js';
export { devnetAccounts, devnetKeys } from './accounts.js';
export { startDevnet, type Devnet } from './start-devnet.js';
export { devnetDown, devnetFolder, devnetStatus, devnetUp, type DevnetRecord } from './background.js';
